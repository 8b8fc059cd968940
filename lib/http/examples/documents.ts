/** The world that all examples are of: one connection, one policy, one run that ended, three servers, one Friday morning. */

/** When every example is sent. */
export const EXAMPLES_AT = '2026-11-20T09:00:00.000Z'
export const CREATED_AT = '2026-11-02T08:30:00.000Z'
/** The sender. */
export const EXAMPLES_ACTOR = 'arn:aws:iam::123456789012:user/ann'

export const stamps = { createdAt: CREATED_AT, updatedAt: CREATED_AT, version: 1, updatedBy: EXAMPLES_ACTOR }
export const newStamps = {
  createdAt: EXAMPLES_AT,
  updatedAt: EXAMPLES_AT,
  version: 1,
  updatedBy: EXAMPLES_ACTOR,
}
const edited = { updatedAt: EXAMPLES_AT, version: 2, updatedBy: EXAMPLES_ACTOR }

export const CONNECTION_BODY = {
  api: 'huaweicloud',
  region: 'cn-north-4',
  projectId: '0123456789abcdef0123456789abcdef',
  credentials: { source: 'environment', name: 'PROD_' },
  maxServersPerMinute: { ecs: 1000, bms: null },
}
const connectionFields = {
  ...CONNECTION_BODY,
  endpoints: {},
  assume: null,
  scalingGroups: 'guard',
  enabled: true,
  managedBy: null,
}

export const CONNECTION = { id: 'prod-cn-north-4', ...connectionFields, ...stamps }
export const CONNECTION_CREATED = {
  id: 'prod-eu-west-101',
  ...connectionFields,
  region: 'eu-west-101',
  ...newStamps,
}
/** To a project that no connection is to yet. */
export const CONNECTION_DISCOVERED = {
  ...connectionFields,
  id: 'cn-east-3-dev',
  region: 'cn-east-3',
  projectId: '0123456789abcdef0123456789abcde3',
}
export const CONNECTION_KNOWN = { ...connectionFields, id: CONNECTION.id }
const assume = {
  agency: 'curfew',
  domainId: 'd78cbac186b744899480f25bd022f468',
  externalId: 'tenant-42',
}
export const CONNECTION_AGENCY_BODY = { ...CONNECTION_BODY, assume }
export const CONNECTION_AGENCY = {
  id: 'acme-cn-north-4',
  ...connectionFields,
  assume: { ...assume, sessionMinutes: 60 },
  ...newStamps,
}
export const CONNECTION_DISABLED = { ...CONNECTION, enabled: false, ...edited }

export const CHANNEL_BODY = {
  type: 'feishu',
  credentials: { source: 'secretsManager', name: 'curfew/ops-group' },
  language: 'zh',
  description: 'The operations group',
}
export const CHANNEL = { id: 'ops', ...CHANNEL_BODY, managedBy: null, ...stamps }
export const CHANNEL_UNSET = {
  ...CHANNEL,
  id: 'unset',
  type: 'slack',
  credentials: { source: 'environment', name: 'UNSET_' },
}
export const CHANNEL_CREATED = {
  id: 'team',
  ...CHANNEL_BODY,
  type: 'slack',
  language: 'en',
  managedBy: null,
  ...newStamps,
}

export const POLICY_BODY = {
  description: 'Development servers are off at night',
  connection: 'prod-cn-north-4',
  kind: 'ecs',
  schedule: { cron: '0 20 * * 1-5', timeZone: 'Asia/Shanghai', skipDates: ['2026-12-31'] },
  start: { cron: '0 7 * * 1-5' },
  selector: { tags: { env: ['dev', 'test'] } },
  exclude: { name: '*-ci-*' },
  escalateAfterMinutes: 15,
  limits: { maxServers: 200, maxPercent: 50 },
}
/** A policy as it was when its run was made: all that a person says of it, and nothing that is Curfew's. */
export const POLICY_PLAIN = {
  id: 'nightly-dev',
  ...POLICY_BODY,
  enabled: true,
  schedule: { ...POLICY_BODY.schedule, calendars: [], catchUpMinutes: 60 },
  start: { ...POLICY_BODY.start, servers: 'stopped', catchUpMinutes: 240, retryMinutes: 120 },
  mode: 'soft',
  acceptPowerCut: false,
  limits: { ...POLICY_BODY.limits, historyFactor: 3 },
  haltShare: 0.1,
  webhook: null,
  notify: [],
  managedBy: null,
  warn: null,
}
export const NEXT_DUE_AT = '2026-11-20T12:00:00.000Z'
export const NEXT_START_DUE_AT = '2026-11-22T23:00:00.000Z'
const due = {
  nextDueAt: NEXT_DUE_AT,
  nextStartDueAt: NEXT_START_DUE_AT,
  snoozedUntil: null,
  snoozeReason: null,
  snoozedAt: null,
}
const outlook = { nextStopAt: NEXT_DUE_AT, nextStartAt: NEXT_START_DUE_AT }

export const POLICY = { ...POLICY_PLAIN, ...stamps, ...due, ...outlook }
/** Of every project there is. */
const { connection: _, ...elsewhere } = POLICY_PLAIN
export const POLICY_EVERYWHERE = { ...elsewhere, id: 'nightly-everywhere', connections: ['prod-*'] }
export const POLICY_CREATED = { ...POLICY, id: 'nightly-test', ...newStamps }
export const POLICY_EDITED = { ...POLICY, description: 'Off at night, on no workday before 8', ...edited }
export const SNOOZE = { until: '2026-11-23T08:00:00+08:00', reason: 'Release weekend' }
export const POLICY_SNOOZED = {
  ...POLICY,
  ...edited,
  snoozedUntil: '2026-11-23T00:00:00.000Z',
  snoozeReason: SNOOZE.reason,
  snoozedAt: EXAMPLES_AT,
  nextStopAt: '2026-11-23T12:00:00.000Z',
}

export const DELAY = { dueAt: '2026-11-20T20:00:00+08:00', minutes: 60, reason: 'The demo lasts longer' }
const DELAYED_AT = '2026-11-20T13:00:00.000Z'
export const POLICY_DELAYED = {
  ...POLICY,
  ...edited,
  delays: [{ dueAt: NEXT_DUE_AT, until: DELAYED_AT, reason: DELAY.reason }],
  nextDueAt: DELAYED_AT,
  nextStopAt: DELAYED_AT,
}

export const SERVER = { serverId: '5b0d7f3e-6a55-4d4e-9c1b-0f6f7d1c2a01', name: 'dev-web-01' }
export const PROTECTED = { serverId: '5b0d7f3e-6a55-4d4e-9c1b-0f6f7d1c2a02', name: 'dev-db-01' }
export const OTHER = { serverId: '5b0d7f3e-6a55-4d4e-9c1b-0f6f7d1c2a03', name: 'prod-web-01' }

export const OUTCOME_STOPPED = {
  ...SERVER,
  status: 'stopped',
  code: 'stopped',
  reason: 'seen off after the request',
  mode: 'soft',
  jobId: 'ff8080829585af7f0195c1ea67d24848',
  requestId: '22f6bf9c1f5a4f0f8c1a0d5e6b7c8d9e',
  requestedAt: '2026-11-19T12:00:02.000Z',
  endedAt: '2026-11-19T12:00:47.000Z',
}
export const OUTCOME_SKIPPED = {
  ...PROTECTED,
  status: 'skipped',
  code: 'protected',
  reason: 'it carries the tag curfew-protect',
  mode: null,
  jobId: null,
  requestId: null,
  requestedAt: null,
  endedAt: '2026-11-19T12:00:01.000Z',
}

export const CHANGE = {
  at: CREATED_AT,
  actor: EXAMPLES_ACTOR,
  what: 'edited',
  version: 1,
  fields: [{ path: 'limits.maxServers', before: null, after: 200 }],
}

export const FEED = {
  id: '8c1d0e4f7a2b3c95',
  description: 'Everything that is due',
  policies: null,
  tags: null,
  createdAt: CREATED_AT,
  createdBy: EXAMPLES_ACTOR,
  tokenHash: '8c1d0e4f7a2b3c95',
}
