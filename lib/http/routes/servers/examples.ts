/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer } from '../../examples/answers.ts'
import {
  CONNECTION,
  EXAMPLES_ACTOR,
  NEXT_DUE_AT,
  NEXT_START_DUE_AT,
  OTHER,
  POLICY,
  PROTECTED,
  SERVER,
  SNOOZE,
} from '../../examples/documents.ts'
import type { Example } from '../../route.ts'

const shared = {
  connection: CONNECTION.id,
  kind: 'ecs',
  status: 'ACTIVE',
  policies: [POLICY.id],
  nextStartAt: NEXT_START_DUE_AT,
  snoozedUntil: null,
  snoozeReason: null,
}
const FOUND = {
  ...SERVER,
  ...shared,
  tags: { env: ['dev'] },
  nextStopAt: NEXT_DUE_AT,
  protected: false,
  protectedBecause: null,
}
const FOUND_PROTECTED = {
  ...PROTECTED,
  ...shared,
  tags: { 'curfew-protect': [''], env: ['dev'] },
  nextStopAt: null,
  protected: true,
  protectedBecause: 'it carries the tag curfew-protect',
}
const UNCOVERED = {
  ...OTHER,
  connection: CONNECTION.id,
  kind: 'ecs',
  tags: { env: ['prod'] },
  flavor: 's6.large.2',
  upSinceHours: null,
}
const SNOOZED = {
  serverId: SERVER.serverId,
  connection: CONNECTION.id,
  version: 1,
  snoozedUntil: '2026-11-23T00:00:00.000Z',
  snoozeReason: SNOOZE.reason,
  snoozedBy: EXAMPLES_ACTOR,
}
const NOT_SNOOZED = {
  ...SNOOZED,
  snoozedUntil: null,
  snoozeReason: null,
  snoozedBy: null,
  version: null,
}
const listed = (...items: unknown[]) => okAnswer({ items, unreachable: [], nextCursor: null })

export const SERVER_EXAMPLES = {
  servers: {
    byName: { summary: 'By name', query: { name: 'dev-*' }, answer: listed(FOUND, FOUND_PROTECTED) },
    byId: { summary: 'By id', query: { id: SERVER.serverId }, answer: listed(FOUND) },
  },
  snoozeServer: {
    weekend: {
      summary: 'Until Monday',
      params: { serverId: SERVER.serverId },
      body: { connection: CONNECTION.id, ...SNOOZE },
      answer: okAnswer(SNOOZED),
    },
  },
  endServerSnooze: {
    none: {
      summary: 'Where there is none',
      params: { serverId: SERVER.serverId },
      query: { connection: CONNECTION.id },
      answer: okAnswer(NOT_SNOOZED),
    },
  },
  coverage: {
    one: {
      summary: 'Of one connection',
      query: { connection: CONNECTION.id },
      answer: okAnswer({
        summary: { servers: 3, covered: 1, protected: 1, uncovered: 1 },
        uncovered: [UNCOVERED],
        byTag: [{ key: 'env', value: 'prod', servers: 1 }],
        byFlavor: [{ flavor: UNCOVERED.flavor, servers: 1 }],
        suggestion: {
          covers: 1,
          of: 1,
          policy: {
            id: `uncovered-${CONNECTION.id}`,
            description: 'Servers that no policy stopped, by their tag env',
            enabled: false,
            connection: CONNECTION.id,
            kind: 'ecs',
            schedule: { cron: '0 20 * * 1-5', timeZone: POLICY.schedule.timeZone },
            selector: { tags: { env: ['prod'] } },
          },
        },
        unreachable: [],
      }),
    },
  },
  serverChanges: {
    none: {
      summary: 'Of a server that nobody snoozed',
      params: { serverId: SERVER.serverId },
      query: { connection: CONNECTION.id },
      answer: listAnswer(),
    },
  },
} satisfies Record<string, Record<string, Example>>
