/**
 * What a month of use costs on AWS, from exactly counted units, beside what others cost that do the same. What stands there used or not
 * (alarms, metrics, idle polls of queues) is in infra/aws/bill.ts, which bounds from above what is counted here.   node bench/cost.ts
 */
import { FLEETS, type Fleet, monthlyTotal, NIGHTS, PRICES, TICK, TICKS } from '../infra/aws/bill.ts'
import type { Counted } from './counted/meter.ts'
import { type Night, night } from './counted/night.ts'
import { type Section, table } from './report/figures.ts'

const KMS_KEY = 1
const GB_SECOND_X86 = 0.0000166667
const CHUNK = 1000

const ASSUMED = {
  /** Warm, with one query; sometimes cold. */
  tickMs: 25,
  coldTicksADay: 12,
  coldMs: 350,
  /** Latencies of the real cloud and of AWS. */
  listMs: 1000,
  stopMs: 500,
  jobMs: 300,
  tableMs: 6,
  gb: { tick: 0.25, plan: 0.5, stop: 0.25, follow: 0.5 },
  sideBySide: 8,
  /** Lambda's own lines of each call, and what the others log. */
  platformBytes: 350,
  othersLineBytes: 300,
  keepDays: 400,
}

type Bill = Record<string, number>
export const sum = (bill: Bill): number => Object.values(bill).reduce((total, part) => total + part, 0)

/** What a night of some chunks and runs takes. */
interface Taken {
  writes: number
  reads: number
  calls: number
  messages: number
  invocations: number
  logBytes: number
  jobs: number
  lists: number
  storedBytes: number
}

const tableCalls = ({ calls }: Counted): number =>
  Object.entries(calls).reduce((total, [name, count]) => total + (/Message/.test(name) ? 0 : count), 0)

/** Without the ticks, which come whatever there is to do. */
function taken({ counted, invocations, logBytes, seen }: Night): Taken {
  const { tick = 0, ...others } = invocations
  return {
    writes: counted.writeUnits + counted.indexWriteUnits - tick * TICK.writes,
    reads: counted.readUnits - tick * TICK.reads,
    calls: tableCalls(counted),
    messages: counted.messages,
    invocations: Object.values(others).reduce((total, count) => total + count, 0),
    logBytes,
    jobs: seen.byRoute.job ?? 0,
    lists: seen.byRoute.list ?? 0,
    storedBytes: counted.storedBytes,
  }
}

const each = (one: Taken, of: (name: keyof Taken) => number): Taken =>
  Object.fromEntries(Object.keys(one).map(name => [name, of(name as keyof Taken)])) as unknown as Taken

/** So many nights a list of servers is repeated before it is written whole again. */
const LIST_NIGHTS = 30
/** Nights over one fleet: one that writes its lists whole, and one that repeats them. */
interface Nights {
  first: Night
  later: Night
}
/** A night on average. */
function meanTaken({ first, later }: Nights): Taken {
  const whole = taken(first)
  const repeated = taken(later)
  return each(whole, name => (whole[name] + (LIST_NIGHTS - 1) * repeated[name]) / LIST_NIGHTS)
}

/** A night is so much for each chunk and so much for each run: two fleets tell which. */
export interface Rates {
  chunk: Taken
  run: Taken
}
function rates(small: Nights, large: Nights): Rates {
  const few = meanTaken(small)
  const many = meanTaken(large)
  const chunks = ({ later }: Nights): number => later.run.chunks ?? 0
  const more = chunks(large) - chunks(small)
  const chunk = each(few, name => (many[name] - few[name]) / more)
  return { chunk, run: each(few, name => Math.max(0, few[name] - chunks(small) * chunk[name])) }
}

const TICKING: Bill = {
  'Lambda, ticks':
    TICKS * (PRICES.lambdaRequest + (ASSUMED.tickMs / 1000) * ASSUMED.gb.tick * PRICES.lambdaGbSecond) +
    NIGHTS * ASSUMED.coldTicksADay * (ASSUMED.coldMs / 1000) * ASSUMED.gb.tick * PRICES.lambdaGbSecond,
  Scheduler: TICKS * PRICES.schedulerCall,
}

/** GB seconds of a chunk: its share of the listing, its fresh read and its stop, its polls and its verification. */
function chunkGbSeconds({ chunk }: Rates): number {
  const { gb, listMs, stopMs, jobMs, tableMs, sideBySide } = ASSUMED
  const pages = 1
  const byId = Math.max(0, chunk.lists - pages) / sideBySide
  const plan = pages * listMs * gb.plan
  const stop = (stopMs + (byId / 2) * listMs + (chunk.calls / 2) * tableMs) * gb.stop
  const follow = (chunk.jobs * jobMs + (byId / 2) * listMs + (chunk.calls / 2) * tableMs) * gb.follow
  return (plan + stop + follow) / 1000
}

export function curfew(found: Rates, { servers, policies }: Fleet): Bill {
  const chunks = servers === 0 ? 0 : Math.max(Math.ceil(servers / CHUNK), policies)
  const runs = servers === 0 ? 0 : policies
  const nightly = (name: keyof Taken): number =>
    NIGHTS * (chunks * found.chunk[name] + runs * found.run[name])
  // Each message is sent, received and deleted; received and deleted in tens.
  const sqsCalls = nightly('messages') * 1.2
  const logBytes =
    TICKS * ASSUMED.platformBytes + nightly('logBytes') + nightly('invocations') * ASSUMED.platformBytes
  return {
    ...TICKING,
    'Lambda, work':
      nightly('invocations') * PRICES.lambdaRequest +
      NIGHTS * chunks * chunkGbSeconds(found) * PRICES.lambdaGbSecond,
    'table reads': (TICKS * TICK.reads + nightly('reads')) * PRICES.dynamoRead,
    'table writes': (TICKS * TICK.writes + nightly('writes')) * PRICES.dynamoWrite,
    'table storage': ((nightly('storedBytes') / NIGHTS) * ASSUMED.keepDays * PRICES.dynamoGbMonth) / 1e9,
    SQS: sqsCalls * PRICES.sqsRequest,
    logs: (logBytes / 1e9) * PRICES.logGb,
  }
}

/** Written plainly: it waits for the jobs inside the function, 40 s each, keeps an item a server with one index, and scans its policies. */
export function plain({ servers, policies }: Fleet): Bill {
  const chunks = servers === 0 ? 0 : Math.max(Math.ceil(servers / CHUNK), policies)
  const seconds = (ASSUMED.listMs + ASSUMED.stopMs) / 1000 + 40
  const kept = servers * 250 * 2 * ASSUMED.keepDays
  return {
    'Lambda, ticks': TICKS * (PRICES.lambdaRequest + 0.06 * 0.5 * PRICES.lambdaGbSecond),
    Scheduler: TICKS * PRICES.schedulerCall,
    'Lambda, work': NIGHTS * chunks * seconds * PRICES.lambdaGbSecond,
    'table reads': TICKS * Math.max(1, Math.ceil((policies * 1024) / 4096)) * 0.5 * PRICES.dynamoRead,
    'table writes': NIGHTS * servers * 2 * PRICES.dynamoWrite,
    'table storage': (kept / 1e9) * PRICES.dynamoGbMonth,
    SQS: 0,
    logs: ((TICKS * ASSUMED.platformBytes + NIGHTS * servers * ASSUMED.othersLineBytes) / 1e9) * PRICES.logGb,
  }
}

/**
 * instance-scheduler-on-aws 3.2.8 by its source: every five minutes, for each target of some 2,000 instances, the slice of its registry
 * is read, every instance described and decided again for 5 to 15 s (512 MB, x86), and each stop is one put. With its key, without dashboards.
 */
export function instanceScheduler({ servers }: Fleet, seconds: number): Bill {
  const targets = Math.ceil(servers / 2000)
  const times = 12 * 730
  const registryUnits = Math.max(targets, Math.ceil((servers * 350) / 4096)) * 0.5
  return {
    'Lambda, ticks': times * (PRICES.lambdaRequest + 2 * 0.5 * GB_SECOND_X86),
    Scheduler: 0,
    'Lambda, work': times * targets * (PRICES.lambdaRequest + seconds * 0.5 * GB_SECOND_X86),
    'table reads': times * registryUnits * PRICES.dynamoRead,
    'table writes': NIGHTS * servers * PRICES.dynamoWrite,
    'table storage': ((servers * 350) / 1e9) * PRICES.dynamoGbMonth + KMS_KEY,
    SQS: 0,
    logs: ((times * (targets + 1) * 500) / 1e9) * PRICES.logGb,
  }
}

/** Nights that are counted for it: all paced, as a connection is by default. */
export async function countedRates(): Promise<Rates> {
  const one = (servers: number, nightsBefore: number) =>
    night({ cloud: { servers }, perMinute: 1000, until: 'rechecked', nightsBefore })
  const counted = async (servers: number): Promise<Nights> => ({
    first: await one(servers, 0),
    later: await one(servers, 1),
  })
  return rates(await counted(2_000), await counted(12_000))
}

const dollars = (price: number): string =>
  price > 0 && price < 0.0005 ? '<0.001' : price.toFixed(price < 10 ? 3 : 1)

export function monthSection(found: Rates): Section {
  const parts = Object.keys(curfew(found, { servers: 0, policies: 0 }))
  const rows = FLEETS.flatMap(([words, fleet]) =>
    Object.entries({
      curfew: curfew(found, fleet),
      'written plainly': plain(fleet),
      'instance-scheduler, 5 s': instanceScheduler(fleet, 5),
      'instance-scheduler, 15 s': instanceScheduler(fleet, 15),
    }).map(([who, bill]) => [
      words,
      who,
      ...parts.map(part => dollars(bill[part] ?? 0)),
      `**${dollars(sum(bill))}**`,
    ]),
  )
  const text = table(['$ a month', 'who', ...parts, 'sum'], rows)
  const of = (servers: number) => ({ value: monthlyTotal(fleetOf(servers)) })
  return {
    title: 'A month on AWS',
    command: 'node bench/cost.ts',
    text,
    figures: { monthIdle: of(0), monthHundredThousand: of(100_000), monthMillion: of(1_000_000) },
  }
}

const fleetOf = (servers: number): Fleet => FLEETS.find(([, fleet]) => fleet.servers === servers)![1]

export const monthly = (found: Rates, fleet: Fleet): number => sum(curfew(found, fleet))

if (import.meta.main) console.log(monthSection(await countedRates()).text)
