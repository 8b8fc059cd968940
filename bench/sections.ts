/** Each section of the bench, as it is measured in a whole run. */
import { writeFileSync } from 'node:fs'
import { coldstartSection } from './cold/coldstart.ts'
import { contest, contestTable, middle, processTable, type Row, type Terms } from './contest/contest.ts'
import { type Contestant, contestants, subject } from './contest/contestants.ts'
import { countedRates, monthly, monthSection } from './cost.ts'
import { countsSection } from './counted/counts.ts'
import type { Options, SectionName } from './options.ts'
import type { Section } from './report/figures.ts'
import { type Panel, plot } from './report/plot.ts'
import { scheduleSection } from './schedule.ts'
import { signSection } from './sign.ts'

/** Beyond these, the one would take a quarter of an hour and the other the machine's memory. */
const MOST_SEQUENTIAL = 100_000
const MOST_SDK = 100_000
const PLOT = 'bench/plot.svg'

const line = (options: Options, only: string): string =>
  `npm run bench -- --only ${only} --servers ${options.servers.join(',')} --rounds ${options.rounds}`

const terms = (options: Options, servers: number, who: Contestant[]): Terms => ({
  settings: { servers, latencyMs: options.latencyMs, jobMs: options.jobMs },
  contestants: who,
  rounds: options.rounds,
  kind: options.kind,
  quietSeconds: options.quietSeconds,
})

function entrants(options: Options, servers: number): Contestant[] {
  const names = [
    'limit',
    'limit-stream',
    'limit-marker',
    ...(servers <= MOST_SDK ? ['sdk-all'] : []),
    ...(servers <= MOST_SEQUENTIAL ? ['sdk-sequential'] : []),
    'curfew',
  ]
  return [...contestants(names), ...options.subjects.map(subject)]
}

/** Rows of the contest, kept for the plot. */
const measured: Row[] = []

async function contestSection(options: Options): Promise<Section> {
  for (const servers of options.servers)
    measured.push(...(await contest(terms(options, servers, entrants(options, servers)))))
  return {
    title: 'Beside what a user would pick',
    command: line(options, 'contest'),
    text: contestTable(measured),
  }
}

const largest = ({ servers }: Options): number => servers.at(-1)!

async function memorySection(options: Options): Promise<Section> {
  const rows: Row[] = []
  for (const servers of options.servers.slice(-2))
    rows.push(
      ...(await contest({
        ...terms(options, servers, contestants(['limit', 'curfew-split', 'curfew-256'])),
        rounds: 1,
      })),
    )
  return { title: 'Memory of each function', command: line(options, 'memory'), text: processTable(rows) }
}

async function limitsSection(options: Options): Promise<Section> {
  const who = contestants(['limit', 'sdk-all', 'sdk-sequential', 'curfew', 'curfew-untold'])
  const told = terms(options, Math.min(100_000, largest(options)), who)
  const settings = { ...told.settings, limit: 'documented' }
  const rows = await contest({ ...told, settings, rounds: 1, pace: '50/60' })
  return { title: 'Under the documented limits', command: line(options, 'limits'), text: contestTable(rows) }
}

async function faultsSection(options: Options): Promise<Section> {
  const who = contestants(['limit', 'sdk-all', 'sdk-sequential', 'curfew'])
  const calm = await contest({ ...terms(options, largest(options), contestants(['curfew'])), rounds: 1 })
  const usual = terms(options, largest(options), who)
  const settings = { ...usual.settings, faultShare: 0.05, loseShare: 0.02 }
  const rows = await contest({ ...usual, settings, rounds: 1 })
  const requests = (row: Row | undefined): number =>
    row ? middle(row, ({ seen }) => seen.requests) : Number.NaN
  const more = requests(rows.find(({ name }) => name === 'curfew')) / requests(calm[0])
  const text = `${contestTable(rows)}\n\nCurfew’s requests over those without faults: ${more.toFixed(2)} ×.`
  return { title: 'With 5 % of errors and 2 % of answers lost', command: line(options, 'faults'), text }
}

const MAKE: Record<SectionName, (options: Options) => Promise<Section> | Section> = {
  contest: contestSection,
  memory: memorySection,
  limits: limitsSection,
  faults: faultsSection,
  start: ({ quick }) => coldstartSection({ rounds: quick ? 5 : 15 }),
  schedule: ({ quick }) => scheduleSection({ asked: quick ? 50_000 : 200_000, rounds: quick ? 3 : 5 }),
  sign: ({ quick }) => signSection({ count: quick ? 500 : 2000, rounds: quick ? 3 : 5 }),
  counts: ({ quick }) => countsSection({ servers: quick ? 2_500 : 9_500 }),
  month: async () => monthSection(await countedRates()),
}

export const section = (name: SectionName, options: Options): Promise<Section> | Section =>
  MAKE[name](options)

/** What was measured in this run over the size of the fleet, and what a month of it costs. */
export async function drawPlot(): Promise<void> {
  if (measured.length === 0) return
  const names = [...new Set(measured.map(({ name }) => name))]
  const panel = (title: string, of: (row: Row) => number): Panel => ({
    title,
    lines: names.map(name => ({
      name,
      points: measured
        .filter(row => row.name === name)
        .map(row => ({ servers: row.servers, value: of(row) })),
    })),
  })
  const found = await countedRates()
  const sizes = [...new Set(measured.map(({ servers }) => servers))]
  const bill = sizes.map(servers => ({
    servers,
    value: monthly(found, { servers, policies: Math.max(10, servers / 1000) }),
  }))
  const panels = [
    panel('CPU seconds', row => middle(row, ({ cpuMs }) => cpuMs / 1000)),
    panel('peak memory, MB', row => middle(row, ({ rssMb }) => rssMb)),
    { title: 'a month of nights on AWS, $', lines: [{ name: 'curfew', points: bill }] },
  ]
  writeFileSync(PLOT, plot(panels))
}
