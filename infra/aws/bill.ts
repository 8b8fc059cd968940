/**
 * The AWS bill on paper, by size of fleet: `npx node infra/aws/bill.ts`. List prices of us-east-1, no free tier, a month of 730 hours
 * and 30 nights. Every assumption is a line here; `test/infra/cost.test.ts` counts what a run really does.
 */

/** Where there are steps, of the first. */
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
  keyRequest: 3e-6,
  logGb: 0.5,
  logGbMonth: 0.03,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  secretMonth: 0.4,
}
type PriceName = keyof typeof PRICES

/** What one price is for, for how many it is given, and its page under https://aws.amazon.com/. */
const SOURCES: Record<PriceName, [what: string, many: number, page: string]> = {
  lambdaRequest: ['requests', 1e6, 'lambda/pricing'],
  httpApiRequest: ['requests', 1e6, 'api-gateway/pricing'],
  lambdaGbSecond: ['GB-seconds on ARM', 1e6, 'lambda/pricing'],
  schedulerCall: ['calls of the Scheduler', 1e6, 'eventbridge/pricing'],
  dynamoRead: ['read units on demand', 1e6, 'dynamodb/pricing/on-demand'],
  dynamoWrite: ['write units on demand', 1e6, 'dynamodb/pricing/on-demand'],
  dynamoGbMonth: ['GB-months', 1, 'dynamodb/pricing/on-demand'],
  backupGbMonth: ['GB-months of point-in-time recovery', 1, 'dynamodb/pricing/on-demand'],
  sqsRequest: ['requests to standard queues', 1e6, 'sqs/pricing'],
  event: ["events of one's own; rules and what they deliver to a topic are free", 1e6, 'eventbridge/pricing'],
  keyRequest: ["requests for AWS's own key", 1e4, 'kms/pricing'],
  logGb: ['GB of logs taken in', 1, 'cloudwatch/pricing'],
  logGbMonth: ['GB-months of logs', 1, 'cloudwatch/pricing'],
  metricMonth: ["metrics of one's own", 1, 'cloudwatch/pricing'],
  alarmMonth: ["metrics that alarms look at; AWS's own are free", 1, 'cloudwatch/pricing'],
  dashboardMonth: ['dashboards', 1, 'cloudwatch/pricing'],
  secretMonth: ['secrets', 1, 'secrets-manager/pricing'],
}

export const TICKS = 60 * 730
/** Units of a tick with nothing to do: the to-do list and the noted time, which it notes anew. */
export const TICK = { reads: 1.5, writes: 1 }
export const NIGHTS = 30

/** Units of DynamoDB, requests to SQS and calls of functions. */
export const COUNTED = {
  /** Of a night, for each run and for each chunk of it, with the look at its servers an hour later. */
  run: { reads: 25, writes: 21, messages: 2, calls: 2 },
  chunk: { reads: 62, writes: 29, messages: 3, calls: 3 },
  /** Of each further look. */
  look: {
    run: { reads: 8, writes: 6, messages: 1, calls: 1 },
    chunk: { reads: 7, writes: 1, messages: 0, calls: 0 },
  },
  /** What a chunk takes more in a night that writes its list of servers whole. */
  wholeList: { writes: 30 },
}

/** What is not counted but assumed. */
export const ASSUMED = {
  tickSeconds: 0.03,
  tickGb: 0.25,
  /** From listing a thousand servers: for the plan, and for each look. */
  planSecondsPerThousand: 1,
  planGb: 0.5,
  callSeconds: 1,
  callGb: 0.5,
  /** Each message is sent, received and deleted; looks for messages that are not there come on top. */
  requestsPerMessage: 3,
  /** Lambda polls each of four queues five times at once, 20 s each time. */
  idleLooks: 4 * 5 * 3 * TICKS,
  /** Servers are off for twelve hours: after the first look, one every four hours. */
  furtherLooks: 3,
  /** So many nights a list of servers is repeated, and kept so many days longer. */
  listNights: 30,
  /** A server's id and name in a whole list; then its share of what is kept of a night in which a fiftieth of the servers are others. */
  bytesPerListedServer: 26,
  bytesPerServer: 2,
  bytesPerRun: 2000,
  bytesPerChunk: 1200,
  keptDays: 400,
  /** DynamoDB asks for the table's key every five minutes for each role that is at work; idle, that is tick's. */
  keyRequests: 12 * 730,
  logBytesPerTick: 700,
  logBytesPerCall: 1500,
  logMonths: 1,
  alarms: 4,
  secrets: 1,
}

/** With the parameter `figures`. */
export const FIGURES = { metrics: 19, dashboards: 1 }

export interface Fleet {
  servers: number
  /** Each due once a night. */
  policies: number
}
/** How many of each thing that has a price. */
type Amounts = Partial<Record<PriceName, number>>

const lambda = (calls: number, seconds: number, gb: number): Amounts => ({
  lambdaRequest: calls,
  lambdaGbSecond: seconds * gb,
})

const costOf = (amounts: Amounts): number =>
  Object.entries(amounts).reduce((sum, [name, amount]) => sum + amount * PRICES[name as PriceName], 0)

/** A policy's last chunk is its own. */
const chunksOf = ({ servers, policies }: Fleet): number =>
  servers === 0 ? 0 : Math.max(policies, Math.ceil(servers / 1000))

/** What a month takes, by what it is paid for. */
function monthOf(fleet: Fleet): Record<string, Amounts> {
  const runs = NIGHTS * fleet.policies
  const chunks = NIGHTS * chunksOf(fleet)
  const A = ASSUMED
  const { run, chunk, look, wholeList } = COUNTED
  const both = (name: keyof typeof run): number =>
    runs * (run[name] + A.furtherLooks * look.run[name]) +
    chunks * (chunk[name] + A.furtherLooks * look.chunk[name])
  const calls = both('calls')
  // A run's own calls plan and look: what they list counts.
  const callSeconds = chunks * chunk.calls * A.callSeconds
  const writes = both('writes') + (chunks / A.listNights) * wholeList.writes
  const listSeconds = ((NIGHTS * fleet.servers * (2 + A.furtherLooks)) / 1000) * A.planSecondsPerThousand
  const nightBytes =
    fleet.servers * A.bytesPerServer + (runs * A.bytesPerRun + chunks * A.bytesPerChunk) / NIGHTS
  const lists = (A.keptDays + A.listNights) / A.listNights
  const keptGb = (A.keptDays * nightBytes + lists * fleet.servers * A.bytesPerListedServer) / 1e9
  const logGb = (TICKS * A.logBytesPerTick + calls * A.logBytesPerCall) / 1e9
  return {
    'Lambda, ticks': lambda(TICKS, TICKS * A.tickSeconds, A.tickGb),
    'Lambda, work': {
      lambdaRequest: calls,
      lambdaGbSecond: callSeconds * A.callGb + listSeconds * A.planGb,
    },
    Scheduler: { schedulerCall: TICKS },
    'DynamoDB, reads': { dynamoRead: TICKS * TICK.reads + both('reads') },
    'DynamoDB, writes': { dynamoWrite: TICKS * TICK.writes + writes },
    'DynamoDB, kept': { dynamoGbMonth: keptGb, backupGbMonth: keptGb },
    SQS: { sqsRequest: A.idleLooks + both('messages') * A.requestsPerMessage },
    EventBridge: { event: runs },
    KMS: { keyRequest: A.keyRequests },
    Logs: { logGb, logGbMonth: logGb * A.logMonths },
    Alarms: { alarmMonth: A.alarms },
    Secrets: { secretMonth: A.secrets },
  }
}

/** Dollars a month, by what they are paid for. */
function bill(fleet: Fleet): Record<string, number> {
  return Object.fromEntries(Object.entries(monthOf(fleet)).map(([name, amounts]) => [name, costOf(amounts)]))
}

const total = (one: Record<string, number>): number =>
  Object.values(one).reduce((sum, dollars) => sum + dollars, 0)

/** Dollars a month, everything that is paid. */
export const monthlyTotal = (fleet: Fleet): number => total(bill(fleet))

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
  const amount = costOf({
    ...lambda(requests, requests * seconds, gb),
    httpApiRequest: requests,
    dynamoRead: requests * reads,
    logGb: (requests * ASSUMED.logBytesPerCall) / 1e9,
  })
  return `${Math.round(requests).toLocaleString('en')} requests and $${dollars(amount)} a month`
}

/** What the parameter `figures` adds, in a sentence. */
export function figuresSentence(): string {
  const { metrics, dashboards } = FIGURES
  const amount = costOf({ metricMonth: metrics, dashboardMonth: dashboards })
  return `${metrics} metrics and a dashboard, $${dollars(amount)} a month`
}

/** What each installation pays alike, used or not, beside ticks and what they read and write. */
export function fixedSentence(): string {
  const { SQS = 0, KMS = 0, Alarms = 0, Secrets = 0 } = bill(FLEETS[0]![1])
  return `$${dollars(SQS + KMS + Alarms + Secrets)} a month`
}

/** The idle month, line by line: how many of what, at which price, by which page. */
export function derivation(): string {
  const rows = Object.entries(monthOf(FLEETS[0]![1])).flatMap(([line, amounts]) =>
    Object.entries(amounts).map(([name, amount]) => {
      const price = PRICES[name as PriceName]
      const [what, many, page] = SOURCES[name as PriceName]
      const of = many === 1 ? '' : ` for ${many.toLocaleString('en')}`
      const count = Number(amount.toFixed(3)).toLocaleString('en')
      const given = `$${Number((price * many).toPrecision(6))}${of}`
      return `| ${line} | ${count} ${what} | ${given} | ${(amount * price).toFixed(4)} | ${page} |`
    }),
  )
  return ['| idle | a month | price | $ | aws.amazon.com/ |', '|---|---|---|---:|---|', ...rows].join('\n')
}

if (import.meta.main) {
  console.log(`${table()}\n\n${derivation()}\n`)
  console.log(`A console: ${consoleSentence()}\nWith figures: ${figuresSentence()}`)
}
