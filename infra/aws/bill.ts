/**
 * The AWS bill on paper, by size of fleet: `npx node infra/aws/bill.ts`. List prices of us-east-1, no free tier, a month of 730 hours
 * and 30 nights. Every assumption is a line here; `test/infra/cost.test.ts` counts what a run really does.
 */

export const PRICES = {
  lambdaRequest: 0.2e-6,
  httpApiRequest: 1e-6,
  lambdaGbSecond: 0.0000133334, // ARM
  schedulerCall: 1e-6,
  dynamoRead: 0.125e-6,
  dynamoWrite: 0.625e-6,
  dynamoGbMonth: 0.25,
  backupGbMonth: 0.2,
  sqsRequest: 0.4e-6,
  event: 1e-6,
  logGb: 0.5,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  secretMonth: 0.4,
}

export const TICKS = 60 * 730
/** Units of a tick with nothing to do: the to-do list and the noted time, which it notes anew. */
export const TICK = { reads: 1.5, writes: 1 }
export const NIGHTS = 30

/** Units of DynamoDB, requests to SQS and calls of functions: for each run, and for each chunk of a run. */
export const COUNTED = {
  run: { reads: 60, writes: 45, messages: 4, calls: 3 },
  chunk: { reads: 65, writes: 60, messages: 5, calls: 5 },
}

/** What is not counted but assumed. */
export const ASSUMED = {
  tickSeconds: 0.03,
  tickGb: 0.25,
  /** From listing a thousand servers, and from a look at jobs and servers. */
  planSecondsPerThousand: 1,
  planGb: 0.5,
  callSeconds: 1,
  callGb: 0.5,
  /** Each message is sent, received and deleted; looks for messages that are not there come on top. */
  requestsPerMessage: 3,
  /** Lambda polls each of four queues five times at once, 20 s each time. */
  idleLooks: 4 * 5 * 3 * TICKS,
  /** A server's name, id and outcome, packed. */
  bytesPerServer: 40,
  keptDays: 400,
  logBytesPerTick: 700,
  logBytesPerCall: 1500,
  metrics: 19,
  /** Paid for by the metrics they look at: one of them looks at two. */
  alarms: 20,
  secrets: 1,
}

export interface Fleet {
  servers: number
  /** Each due once a night. */
  policies: number
}
type Bill = Record<string, number>

const lambda = (calls: number, seconds: number, gb: number): number =>
  calls * PRICES.lambdaRequest + seconds * gb * PRICES.lambdaGbSecond

/** A policy's last chunk is its own. */
const chunksOf = ({ servers, policies }: Fleet): number =>
  servers === 0 ? 0 : Math.max(policies, Math.ceil(servers / 1000))

/** Dollars a month, by what they are paid for. */
function bill(fleet: Fleet): Bill {
  const runs = NIGHTS * fleet.policies
  const chunks = NIGHTS * chunksOf(fleet)
  const both = (name: keyof (typeof COUNTED)['run']): number =>
    runs * COUNTED.run[name] + chunks * COUNTED.chunk[name]
  const calls = both('calls')
  const A = ASSUMED
  const kept = A.keptDays * fleet.servers * A.bytesPerServer
  return {
    'Lambda, ticks': lambda(TICKS, TICKS * A.tickSeconds, A.tickGb),
    'Lambda, work':
      lambda(calls, calls * A.callSeconds, A.callGb) +
      lambda(0, ((NIGHTS * fleet.servers) / 1000) * A.planSecondsPerThousand, A.planGb),
    Scheduler: TICKS * PRICES.schedulerCall,
    'DynamoDB, reads': (TICKS * TICK.reads + both('reads')) * PRICES.dynamoRead,
    'DynamoDB, writes': (TICKS * TICK.writes + both('writes')) * PRICES.dynamoWrite,
    'DynamoDB, kept': (kept / 1e9) * (PRICES.dynamoGbMonth + PRICES.backupGbMonth),
    SQS: (A.idleLooks + both('messages') * A.requestsPerMessage) * PRICES.sqsRequest,
    EventBridge: runs * PRICES.event,
    Logs: ((TICKS * A.logBytesPerTick + calls * A.logBytesPerCall) / 1e9) * PRICES.logGb,
    'Metrics, alarms': A.metrics * PRICES.metricMonth + A.alarms * PRICES.alarmMonth,
    Secrets: A.secrets * PRICES.secretMonth,
  }
}

const total = (one: Bill): number => Object.values(one).reduce((sum, dollars) => sum + dollars, 0)

export const FLEETS: [string, Fleet][] = [
  ['idle, 10 policies never due', { servers: 0, policies: 0 }],
  ['1,000 servers, 10 policies', { servers: 1000, policies: 10 }],
  ['10,000 servers, 20 policies', { servers: 10_000, policies: 20 }],
  ['100,000 servers, 100 policies', { servers: 100_000, policies: 100 }],
  ['1,000,000 servers, 1,000 policies', { servers: 1_000_000, policies: 1000 }],
]

const dollars = (amount: number): string => amount.toFixed(2)

/** As a table in Markdown. */
export function table(): string {
  const bills = FLEETS.map(([, fleet]) => bill(fleet))
  const names = Object.keys(bills[0] ?? {})
  const row = (name: string, amounts: number[]) => `| ${name} | ${amounts.map(dollars).join(' | ')} |`
  return [
    `| $ a month | ${FLEETS.map(([name]) => name).join(' | ')} |`,
    `|---|${FLEETS.map(() => '---:').join('|')}|`,
    ...names.map(name =>
      row(
        name,
        bills.map(one => one[name] ?? 0),
      ),
    ),
    row('**all**', bills.map(total)),
  ].join('\n')
}

/** A console that is open, and looked at, for a month of working days; something goes on for a tenth of the time. */
const CONSOLE = {
  hours: 160,
  busyShare: 0.1,
  busySeconds: 3,
  quietSeconds: 60,
  reads: 60,
  seconds: 0.1,
  gb: 0.5,
}

/** Its requests and their dollars, in a sentence. */
export function consoleSentence(): string {
  const { hours, busyShare, busySeconds, quietSeconds, reads, seconds, gb } = CONSOLE
  const requests = hours * 3600 * (busyShare / busySeconds + (1 - busyShare) / quietSeconds)
  const each =
    PRICES.httpApiRequest + reads * PRICES.dynamoRead + (ASSUMED.logBytesPerCall / 1e9) * PRICES.logGb
  const amount = dollars(requests * each + lambda(requests, requests * seconds, gb))
  return `${Math.round(requests).toLocaleString('en')} requests and $${amount} a month`
}

if (import.meta.main) console.log(`${table()}\n\nA console: ${consoleSentence()}`)
