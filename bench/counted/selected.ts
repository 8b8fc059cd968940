/** What planning asks of a cloud of many servers for policies that select few of them. */
import type * as z from 'zod'
import type { Policy } from '../../lib/core/model/model.ts'
import { idOf } from '../cloud/record.ts'
import { aConnection, aPolicy } from '../curfew/documents.ts'
import { table } from '../report/figures.ts'
import type { Figures } from '../report/goals.ts'
import { startLine } from './night.ts'

/** Servers that each policy selects. */
const SELECTED = 50

type Selected = Partial<Pick<z.input<typeof Policy>, 'selector' | 'limits'>>

/** Lists that such policies, due together, are planned by; the fleet is one in which each value of the tag is on `SELECTED` servers. */
export async function listsFor(servers: number, policies: Selected[]): Promise<number> {
  const line = await startLine({ cloud: { servers, nights: servers / SELECTED } })
  await line.store.saveConnection(
    aConnection({ cloudUrl: line.cloudUrl, project: 'p0', pace: null }, Date.now()),
    null,
  )
  for (const [number, fields] of policies.entries())
    await line.store.savePolicy(aPolicy({ kind: 'ecs', ...fields }, Date.now(), `policy-${number}`), null)
  await line.tick()
  await line.run(run => run.chunks !== undefined)
  const { listsBeforeStops } = line.cloudSeen()
  await line.close()
  return listsBeforeStops
}

/** Far from each other, all over the fleet. */
const idsAmong = (servers: number): string[] =>
  Array.from({ length: SELECTED }, (_, number) => idOf((number * servers) / SELECTED, 'ecs'))

const byTag = (number: number): Selected => ({
  selector: { tags: { Schedule: [`night-${String(number).padStart(2, '0')}`] } },
})

/** Policies that select few servers, and are due together. */
export const FEW = {
  ids: (servers: number): Selected[] => [{ selector: { ids: idsAmong(servers) } }],
  idsOfPercent: (servers: number): Selected[] => [
    { selector: { ids: idsAmong(servers) }, limits: { maxPercent: 50 } },
  ],
  tags: (): Selected[] => Array.from({ length: 10 }, (_, number) => byTag(number)),
}
const WORDS: Record<keyof typeof FEW, string> = {
  ids: 'one, by ids',
  idsOfPercent: 'one, by ids, with `maxPercent`',
  tags: 'ten, by a tag each',
}

/** `servers`: those of the fleet. */
export async function selectedTable(servers: number): Promise<{ text: string; figures: Figures }> {
  const at = `${SELECTED} servers a policy, of ${servers.toLocaleString('en-US')}`
  const [ids, idsOfPercent, tags] = [
    await listsFor(servers, FEW.ids(servers)),
    await listsFor(servers, FEW.idsOfPercent(servers)),
    await listsFor(servers, FEW.tags()),
  ]
  const counts = { ids, idsOfPercent, tags }
  const rows = Object.entries(counts).map(([name, lists]) => [WORDS[name as keyof typeof FEW], String(lists)])
  return {
    text: table([`policies due together; ${at}`, 'lists of planning'], rows),
    figures: { selectedIds: { value: ids, at }, selectedTags: { value: tags, at } },
  }
}

if (import.meta.main) console.log((await selectedTable(100_000)).text)
