/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { okAnswer } from '../../examples/answers.ts'
import {
  CONNECTION,
  NEXT_DUE_AT,
  NEXT_START_DUE_AT,
  POLICY,
  PROTECTED,
  SERVER,
} from '../../examples/documents.ts'
import type { Example } from '../../route.ts'

const shared = {
  connection: CONNECTION.id,
  kind: 'ecs',
  status: 'ACTIVE',
  policies: [POLICY.id],
  nextStartAt: NEXT_START_DUE_AT,
  snoozedUntil: null,
}
const FOUND = {
  ...{ ...SERVER, ...shared, tags: { env: ['dev'] }, nextStopAt: NEXT_DUE_AT },
  ...{ protected: false, protectedBecause: null },
}
const FOUND_PROTECTED = {
  ...{ ...PROTECTED, ...shared, tags: { 'curfew-protect': [''], env: ['dev'] }, nextStopAt: null },
  ...{ protected: true, protectedBecause: 'it carries the tag curfew-protect' },
}
const listed = (...items: unknown[]) => okAnswer({ items, unreachable: [], nextCursor: null })

export const SERVER_EXAMPLES = {
  servers: {
    byName: { summary: 'By name', query: { name: 'dev-*' }, answer: listed(FOUND, FOUND_PROTECTED) },
    byId: { summary: 'By id', query: { id: SERVER.serverId }, answer: listed(FOUND) },
  },
} satisfies Record<string, Record<string, Example>>
