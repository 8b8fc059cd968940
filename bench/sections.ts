/** Each section of the bench, as it is measured in a whole run. */
import { coldstartSection } from './cold/coldstart.ts'
import { contest, contestTable, middle, processTable, type Row, type Terms } from './contest/contest.ts'
import { type Contestant, contestants, subject } from './contest/contestants.ts'
import { countedRates, monthSection } from './cost.ts'
import { countsSection, fewestRequests, PUBLISHED } from './counted/counts.ts'
import type { Options, SectionName } from './options.ts'
import type { Section } from './report/figures.ts'
import type { Figures } from './report/goals.ts'
import { scheduleSection } from './schedule.ts'
import { signSection } from './sign.ts'

/** Beyond these, the one would take a quarter of an hour and the other the machine's memory. */
const MOST_SEQUENTIAL = 100_000
const MOST_SDK = 100_000

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
    // BMS have no marker.
    ...(options.kind === 'ecs' ? ['limit-marker'] : []),
    ...(servers <= MOST_SDK ? ['sdk-all'] : []),
    ...(servers <= MOST_SEQUENTIAL ? ['sdk-sequential'] : []),
    'curfew',
  ]
  return [...contestants(names), ...options.subjects.map(subject)]
}

const sized = (servers: number): string => `${servers.toLocaleString('en-US')} servers`
const largest = ({ servers }: Options): number => servers.at(-1)!
const named = (rows: Row[], name: string): Row => rows.findLast(row => row.name === name)!
const trueShare = ({ rounds }: Row): number => rounds.filter(({ isTrue }) => isTrue).length / rounds.length
const requestsOf = (row: Row): number => middle(row, ({ seen }) => seen.requests)

/** Rows of the contest, kept for the plot. */
export const measured: Row[] = []

async function contestSection(options: Options): Promise<Section> {
  for (const servers of options.servers)
    measured.push(...(await contest(terms(options, servers, entrants(options, servers)))))
  const row = named(measured, 'curfew')
  const { over, servers } = row
  const at = sized(servers)
  const byMarker = measured.findLast(one => one.name === 'limit-marker')
  const verifying = middle(row, ({ seen }) => (seen.byRoute.list ?? 0) - seen.listsBeforeStops)
  return {
    title: 'Beside what a user would pick',
    command: line(options, 'contest'),
    text: contestTable(measured),
    figures: {
      verifyingLists: { value: verifying / fewestRequests(servers), at },
      ...(byMarker ? { wall: { value: over.work / byMarker.over.work, at } } : {}),
      cpu: { value: over.cpu, at },
    },
  }
}

/** Each function in processes of its own, at two sizes of fleets at most: those whose memory tells how it grows. */
async function memorySection(options: Options): Promise<Section> {
  const small = options.memoryServers[0]!
  const large = options.memoryServers.at(-1)!
  const measure = async (servers: number, names: string[]): Promise<Row[]> =>
    contest({ ...terms(options, servers, contestants(names)), rounds: 1 })
  const few = await measure(small, ['limit', 'curfew-split', 'curfew-256'])
  const many = large === small ? [] : await measure(large, ['limit', 'curfew-256'])
  const peak = (rows: Row[], name: string): number => middle(named(rows, name), ({ rssMb }) => rssMb)
  const isWhole = (rows: Row[]): boolean => trueShare(named(rows, 'curfew-256')) === 1
  const figures: Figures = {
    memory: { value: peak(few, 'curfew-split') / peak(few, 'limit'), at: sized(small) },
    ...(many.length === 0 || !isWhole(many)
      ? {}
      : {
          memoryTenfold: {
            value: peak(many, 'curfew-256') / peak(few, 'curfew-256'),
            at: `${sized(large)} over ${sized(small)}, heap of 256 MB`,
          },
          memory256: { value: peak(many, 'curfew-256'), at: sized(large) },
        }),
  }
  const command = `npm run bench -- --only memory --memory ${options.memoryServers.join(',')}`
  return { title: 'Memory of each function', command, text: processTable([...few, ...many]), figures }
}

async function limitsSection(options: Options): Promise<Section> {
  const who = contestants(['limit', 'sdk-all', 'curfew', 'curfew-unconfigured'])
  const configured = terms(options, Math.min(100_000, largest(options)), who)
  const settings = { ...configured.settings, limit: 'documented' }
  const rows = await contest({ ...configured, settings, rounds: 1, pace: '50/60' })
  const stopped = (name: string) => ({
    value: middle(named(rows, name), ({ stoppedShare }) => stoppedShare),
    at: sized(settings.servers),
  })
  const figures: Figures = {
    configuredStopped: stopped('curfew'),
    configuredThrottled: { value: middle(named(rows, 'curfew'), ({ seen }) => seen.throttled) },
    configuredWall: { value: named(rows, 'curfew').over.work },
    unconfiguredStopped: stopped('curfew-unconfigured'),
    unconfiguredWall: { value: named(rows, 'curfew-unconfigured').over.work },
  }
  const command = line(options, 'limits')
  return { title: 'Under the documented limits', command, text: contestTable(rows), figures }
}

async function faultsSection(options: Options): Promise<Section> {
  const who = contestants(['limit', 'sdk-all', 'sdk-sequential', 'curfew'])
  const [calm] = await contest({ ...terms(options, largest(options), contestants(['curfew'])), rounds: 1 })
  const usual = terms(options, largest(options), who)
  const settings = { ...usual.settings, faultShare: 0.05, loseShare: 0.02 }
  const rows = await contest({ ...usual, settings, rounds: 1 })
  const curfew = named(rows, 'curfew')
  const more = requestsOf(curfew) / requestsOf(calm!)
  const text = `${contestTable(rows)}\n\nCurfew’s requests over those without faults: ${more.toFixed(2)} ×.`
  const figures: Figures = {
    faultsTrue: { value: trueShare(curfew), at: sized(settings.servers) },
    faultsAgain: { value: middle(curfew, ({ seen }) => seen.askedAgain) },
    faultsRequests: { value: more },
  }
  const title = 'With 5 % of errors and 2 % of answers lost'
  return { title, command: line(options, 'faults'), text, figures }
}

const MAKE: Record<SectionName, (options: Options) => Promise<Section> | Section> = {
  contest: contestSection,
  memory: memorySection,
  limits: limitsSection,
  faults: faultsSection,
  start: ({ quick }) => coldstartSection({ rounds: quick ? 5 : 15 }),
  schedule: ({ quick }) => scheduleSection({ asked: quick ? 50_000 : 200_000, rounds: quick ? 3 : 5 }),
  sign: ({ quick }) => signSection({ count: quick ? 500 : 2000, rounds: quick ? 3 : 5 }),
  counts: ({ quick }) => countsSection(quick ? { servers: 2_500, many: 12_500 } : PUBLISHED),
  month: async () => monthSection(await countedRates()),
}

export const section = (name: SectionName, options: Options): Promise<Section> | Section =>
  MAKE[name](options)
