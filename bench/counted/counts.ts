/** What can be counted of a run, a job and a tick: the same in every run, and held by test/bench.   node bench/counted/counts.ts */

import { aPolicy } from '../curfew/documents.ts'
import { figure, type Section, table } from '../report/figures.ts'
import type { Counted } from './meter.ts'
import { type Night, night, startLine } from './night.ts'

export interface PerServer {
  lists: number
  stops: number
  looksAJob: number
  /** Write units, its indexes' among them. */
  writeUnits: number
  readUnits: number
  messages: number
  tableCalls: number
}

const tableCalls = ({ calls }: Counted): number =>
  Object.entries(calls).reduce((sum, [name, count]) => sum + (/Item|Query/.test(name) ? count : 0), 0)

/** Over the servers of the fleet, but for the requests. */
export function perServer({ run, counted, seen }: Night): PerServer {
  const { list = 0, stop = 0, job = 0 } = seen.byRoute
  return {
    lists: list,
    stops: stop,
    looksAJob: job / stop,
    writeUnits: (counted.writeUnits + counted.indexWriteUnits) / run.fleet,
    readUnits: counted.readUnits / run.fleet,
    messages: counted.messages / run.fleet,
    tableCalls: tableCalls(counted) / run.fleet,
  }
}

const ITEMS: Record<string, string> = {
  SERVERS: 'ids and names of targets',
  LEFT: 'ids and reasons of skipped ones',
  OUTCOMES: 'outcomes',
  CHUNK: 'heads of chunks',
  HEAD: 'head of the run',
}

const byItem = ({ counted, run }: Night): string =>
  Object.entries(ITEMS)
    .map(([name, words]) => `${words} ${((counted.byItem[name] ?? 0) / run.fleet).toFixed(4)}`)
    .join(', ')

/** What a tick asks of the table, with so many policies that are not due. */
export async function tickCounts(policies: number): Promise<Counted> {
  const line = await startLine({})
  const later = Date.now() + 3_600_000
  for (let number = 0; number < policies; number++)
    await line.store.savePolicy(aPolicy({ kind: 'ecs' }, later, `policy-${number}`), null)
  await line.tick()
  const counted = line.meter.take()
  await line.close()
  return counted
}

/** How often a job of so many seconds is looked at, and how late its end is seen, with the usual times of looking. */
export async function looks(jobSeconds: number): Promise<{ looks: number; lateness: number }> {
  const { run, seen, seconds } = await night({ cloud: { servers: 500, jobMs: jobSeconds * 1000 } })
  return { looks: (seen.byRoute.job ?? 0) / (run.chunks ?? 1), lateness: (seconds - jobSeconds) / jobSeconds }
}

const JOB_SECONDS = [10, 20, 33, 41, 60, 120, 300]

export async function countsSection({ servers }: { servers: number }): Promise<Section> {
  const nights: [string, Night][] = [
    ['no limit', await night({ cloud: { servers } })],
    ['1,000 a minute', await night({ cloud: { servers }, perMinute: 1000 })],
  ]
  const rows = nights.map(([words, one]) => {
    const counts = perServer(one)
    return [
      words,
      String(counts.lists),
      String(counts.stops),
      figure(counts.looksAJob),
      counts.writeUnits.toFixed(4),
      counts.readUnits.toFixed(4),
      counts.messages.toFixed(4),
      counts.tableCalls.toFixed(4),
    ]
  })
  const head = [
    'pace',
    'lists',
    'stops',
    'looks a job',
    'write units',
    'read units',
    'messages',
    'table calls',
  ]
  const idle = await tickCounts(10)
  const looked = await Promise.resolve(JOB_SECONDS).then(async all => {
    const found: string[][] = []
    for (const seconds of all) {
      const { looks: count, lateness } = await looks(seconds)
      found.push([String(seconds), figure(count), `${Math.round(lateness * 100)} %`])
    }
    return found
  })
  const text = [
    `A run over ${servers.toLocaleString('en-US')} servers, jobs of 33 s; units, messages and calls for each server of the fleet:`,
    table(head, rows),
    `Write units without a limit, by item: ${byItem(nights[0]![1])}.`,
    `An idle tick: ${JSON.stringify(idle.calls)}, ${idle.readUnits} read units.`,
    'Looks at jobs, at 15 s and then doubling up to a minute:',
    table(['job s', 'looks', 'its end is seen later by'], looked),
  ].join('\n\n')
  return { title: 'What can be counted', command: 'node bench/counted/counts.ts', text }
}

if (import.meta.main) console.log((await countsSection({ servers: 9_500 })).text)
