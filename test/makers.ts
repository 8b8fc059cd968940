/** Makers of what tests need: whole by themselves, and a test overrides only what matters to it. */
import { causeOf } from '../lib/cloud/http/error-class.ts'
import { HUAWEI_CODES } from '../lib/cloud/huawei/codes.ts'
import { statesOf } from '../lib/cloud/servers.ts'
import type { Change } from '../lib/core/documents/change.ts'
import type { Chunk, Member, Request, WholeChunk } from '../lib/core/model/chunk.ts'
import type { Server } from '../lib/core/model/cloud.ts'
import { Connection, type StoredConnection } from '../lib/core/model/connection.ts'
import {
  CloudError,
  type CloudErrorClass,
  type CloudErrorDetails,
  type RefusalCause,
} from '../lib/core/model/errors.ts'
import {
  type ConnectionPolicy,
  Policy,
  type PolicyState,
  type Stamps,
  type StoredPolicy,
} from '../lib/core/model/model.ts'
import type { Settled } from '../lib/core/model/outcome.ts'
import { NO_SERVERS, type Run } from '../lib/core/model/run.ts'
import { Channel, type StoredChannel } from '../lib/core/notify/channel/channel.ts'
import { type Rules, rulesOf } from '../lib/core/plan/rules.ts'
import type { Guard } from '../lib/core/stop/stop.ts'

/** The instant at which tests begin unless they say otherwise: a Saturday noon, UTC. */
export const START = Date.parse('2026-11-21T12:00:00Z')
export const at = (ms: number): string => new Date(ms).toISOString()

const stamps = { createdAt: at(START), updatedAt: at(START), version: 1 }

export function aConnection(overrides: Record<string, unknown> = {}): StoredConnection {
  const connection = Connection.parse({
    id: 'prod',
    api: 'huaweicloud',
    region: 'cn-north-4',
    projectId: '0123456789abcdef0123456789abcdef',
    credentials: { source: 'environment' },
    ...overrides,
  })
  return { ...connection, ...stamps }
}

export function aChannel(overrides: Record<string, unknown> = {}): StoredChannel {
  const credentials = { source: 'secretsManager', name: 'curfew/ops' }
  return { ...Channel.parse({ id: 'ops', type: 'slack', credentials, ...overrides }), ...stamps }
}

export const aPolicyBody = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'nightly-dev',
  ...(overrides.connections ? {} : { connection: 'prod' }),
  kind: 'ecs',
  schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
  selector: { all: true },
  ...overrides,
})

type State = Omit<PolicyState, keyof Stamps>
const NO_STATE: State = {
  nextDueAt: at(START),
  nextStartDueAt: null,
  snoozedUntil: null,
  snoozeReason: null,
  snoozedAt: null,
}

/** What Curfew keeps beside a policy, such as `nextDueAt`, may be among the overrides. It has one connection, unless these name several. */
export function aPolicy(
  overrides: Record<string, unknown> & Partial<State> = {},
): StoredPolicy & ConnectionPolicy {
  const isState = ([name]: [string, unknown]) =>
    Object.hasOwn(NO_STATE, name) || name === 'nextWarnAt' || name === 'covers'
  const state = Object.fromEntries(Object.entries(overrides).filter(isState))
  const body = Object.fromEntries(Object.entries(overrides).filter(entry => !isState(entry)))
  const policy = Policy.parse(aPolicyBody(body)) as ConnectionPolicy
  return { ...policy, ...stamps, ...NO_STATE, ...state }
}

/** A world in which nothing holds a run back. */
export const aGuard = (overrides: Partial<Guard> = {}): Guard => ({
  connection: aConnection(),
  stopsEnabled: true,
  startsEnabled: true,
  sendDeadlineMinutes: 240,
  now: START,
  ...overrides,
})

/** The rules that a policy gives a run. */
export const aRules = (policy: Parameters<typeof aPolicy>[0] = {}, action: Rules['action'] = 'stop'): Rules =>
  rulesOf({ action, dueAt: at(START) }, aPolicy(policy))

export const aChange = (overrides: Partial<Change> = {}): Change => ({
  at: at(START),
  actor: 'ann',
  what: 'edited',
  version: 1,
  fields: [],
  ...overrides,
})

/** A tag with one value may be given as that. */
export type ServerOverrides = Partial<Omit<Server, 'tags' | 'power' | 'busy' | 'turning'>> & {
  tags?: Record<string, string | string[]>
  vmState?: string
  taskState?: string | null
}

export const aServer = ({
  tags = {},
  status = 'ACTIVE',
  vmState = 'active',
  taskState = null,
  ...overrides
}: ServerOverrides = {}): Server => ({
  id: 's-1',
  name: 'dev-1',
  kind: 'ecs',
  ...statesOf({ status, vmState, taskState }),
  locked: false,
  frozen: false,
  inRecycleBin: false,
  tags: Object.fromEntries(Object.entries(tags).map(([key, values]) => [key, [values].flat()])),
  enterpriseProjectId: '0',
  chargingMode: 'payPerUse',
  flavor: 's6.large.2',
  ...overrides,
})

export const aRun = (overrides: Partial<Run> = {}): Run => ({
  id: 'nightly-dev.20261121T120000Z',
  action: 'stop',
  policyId: 'nightly-dev',
  connection: 'prod',
  kind: 'ecs',
  trigger: 'schedule',
  dueAt: at(START),
  createdAt: at(START),
  status: 'running',
  dryRun: false,
  overrideLimits: false,
  summary: NO_SERVERS,
  codes: {},
  scope: 0,
  planning: 1,
  owner: 'me',
  fleet: 0,
  doneChunks: new Set(),
  ...overrides,
})

export const members = (count: number): Member[] =>
  Array.from({ length: count }, (_, place) => ({ id: `s-${place}`, name: `dev-${place}` }))

export const aChunk = (overrides: Partial<Chunk> = {}): Chunk => ({
  runId: 'nightly-dev.20261121T120000Z',
  planning: 1,
  number: 0,
  size: 3,
  status: 'waiting',
  attempt: 1,
  owner: 'me',
  readAt: at(START),
  todo: [{ members: [0, 1, 2], mode: 'soft', escalation: false }],
  requests: [],
  refused: [],
  looks: 0,
  troubles: 0,
  ...overrides,
})

export const aWhole = (chunk: Partial<Chunk> = {}, rest: Partial<WholeChunk> = {}): WholeChunk => {
  const head = aChunk(chunk)
  return { chunk: head, servers: members(head.size), settled: new Map(), ...rest }
}

/** A soft stop of the whole chunk, sent at the start and taken without a job. */
export const aRequest = (overrides: Partial<Request> = {}): Request => ({
  members: [0, 1, 2],
  mode: 'soft',
  escalation: false,
  sentAt: at(START),
  answer: 'accepted',
  jobId: null,
  requestId: null,
  job: 'ended',
  ...overrides,
})

export const aSettled = (overrides: Partial<Settled> = {}): Settled => ({
  status: 'stopped',
  code: 'stopped',
  reason: 'seen off after the request',
  mode: 'soft',
  jobId: 'job-1',
  requestId: 'request-1',
  requestedAt: at(START),
  endedAt: at(START + 45_000),
  ...overrides,
})

/** What the cloud, or the way to it, throws. */
export const aCloudError = (kind: CloudErrorClass, details: Partial<CloudErrorDetails> = {}): CloudError =>
  new CloudError(`it said ${kind}`, {
    class: kind,
    code: 'X.1',
    status: 400,
    requestId: null,
    retryAfterSeconds: null,
    serverIds: [],
    ...causeNamed(details.code),
    ...details,
  })

/** The cause that a code names, as the adapter tells it. */
export function causeNamed(code = ''): { cause?: RefusalCause } {
  const cause = causeOf({ status: 400, code, message: '' }, HUAWEI_CODES)
  return cause === undefined ? {} : { cause }
}
