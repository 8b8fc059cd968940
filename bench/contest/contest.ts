/** Contestants in turn against one cloud, A B C A B C …: a drift of the machine touches all alike, ratios are taken round by round. */
import type { Kind } from '../../lib/core/model/model.ts'
import type { Settings } from '../cloud/settings.ts'
import { figure, median, share, table, times } from '../report/figures.ts'
import { startCloud } from './cloud.ts'
import type { Contestant } from './contestants.ts'
import { quiet } from './machine.ts'
import { type Measured, measure } from './measure.ts'

export interface Terms {
  settings: Partial<Settings> & { servers: number }
  contestants: Contestant[]
  rounds: number
  kind?: Kind
  pollMs?: number
  pace?: string
  /** Longest wait for a quiet machine before each measurement. */
  quietSeconds?: number
}

export interface Row {
  name: string
  servers: number
  rounds: Measured[]
  /** Over the first contestant, the medians of the ratios of the rounds in which both did what they were to do; NaN for none. */
  over: { work: number; cpu: number; rss: number; requests: number }
}

export async function contest(terms: Terms): Promise<Row[]> {
  const { settings, contestants, rounds, kind = 'ecs', pollMs = 1000, pace = '', quietSeconds = 0 } = terms
  const cloud = await startCloud(settings)
  // A fleet is built when first asked for.
  await fetch(`${cloud.url}/v1/p/${kind === 'ecs' ? 'cloudservers' : 'baremetalservers'}/detail?limit=1`)
  const measured = new Map(contestants.map(({ name }): [string, Measured[]] => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      if (round > (contestant.mostRounds ?? rounds)) continue
      await quiet(quietSeconds)
      await cloud.reset()
      const one = await measure(contestant, { cloud, kind, settings, pollMs, pace })
      measured.get(contestant.name)!.push(one)
      process.stderr.write(`${settings.servers} servers, round ${round}: ${contestant.name} ${line(one)}\n`)
    }
  }
  cloud.end()
  const first = measured.get(contestants[0]!.name)!
  return [...measured].map(([name, all]) => ({
    name,
    servers: settings.servers,
    rounds: all,
    over: over(all, first),
  }))
}

const line = ({ workMs, cpuMs, rssMb, otherLoad, isTrue }: Measured): string =>
  `${figure(workMs / 1000)} s, CPU ${figure(cpuMs / 1000)} s, ${figure(rssMb)} MB, other load ${share(otherLoad)}${isTrue ? '' : ', NOT TRUE'}`

function over(all: Measured[], first: Measured[]): Row['over'] {
  const pairs = all.map((one, round) => [one, first[round]!] as const)
  const done = pairs.filter(pair => pair.every(({ isTrue }) => isTrue))
  const ratio = (of: (one: Measured) => number): number =>
    done.length === 0 ? Number.NaN : median(done.map(([one, other]) => of(one) / of(other)))
  return {
    work: ratio(({ workMs }) => workMs),
    cpu: ratio(({ cpuMs }) => cpuMs),
    rss: ratio(({ rssMb }) => rssMb),
    requests: ratio(({ seen }) => seen.requests),
  }
}

export const middle = ({ rounds }: Row, of: (one: Measured) => number): number => median(rounds.map(of))

const HEAD = [
  'servers',
  'contestant',
  'every outcome true',
  'work s',
  'CPU s',
  'peak MB',
  'requests (list, stop, job)',
  '429',
  'work',
  'CPU',
  'peak memory',
  'requests',
  'other load',
]

function truth({ rounds }: Row): string {
  if (rounds.every(({ isTrue }) => isTrue)) return 'yes'
  return `NO, ${share(Math.min(...rounds.map(({ stoppedShare }) => stoppedShare)))} stopped`
}

function cells(row: Row): string[] {
  const { seen } = row.rounds.at(-1)!
  const { list = 0, stop = 0, job = 0 } = seen.byRoute
  return [
    row.servers.toLocaleString('en-US'),
    row.name,
    truth(row),
    figure(middle(row, ({ workMs }) => workMs / 1000)),
    figure(middle(row, ({ cpuMs }) => cpuMs / 1000)),
    figure(middle(row, ({ rssMb }) => rssMb)),
    `${seen.requests} (${list}, ${stop}, ${job})`,
    String(middle(row, one => one.seen.throttled)),
    times(row.over.work),
    times(row.over.cpu),
    times(row.over.rss),
    times(row.over.requests),
    share(middle(row, ({ otherLoad }) => otherLoad)),
  ]
}

export const contestTable = (rows: Row[]): string => table(HEAD, rows.map(cells))

/** The memory of each function, where they have processes of their own. */
export function processTable(rows: Row[]): string {
  const body = rows.flatMap(row => {
    const byName = Map.groupBy(row.rounds.at(-1)!.processes, ({ name }) => name)
    return [...byName].map(([name, all]) => [
      row.servers.toLocaleString('en-US'),
      row.name,
      truth(row),
      name,
      String(all.length),
      figure(Math.max(...all.map(({ rssMb }) => rssMb))),
      figure(all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000),
    ])
  })
  const head = [
    'servers',
    'contestant',
    'every outcome true',
    'function',
    'processes',
    'peak MB of one',
    'CPU s of all',
  ]
  return table(head, body)
}
