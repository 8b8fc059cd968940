/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { okAnswer } from '../../examples/answers.ts'
import { EXAMPLES_AT, NEXT_DUE_AT, NEXT_START_DUE_AT, POLICY } from '../../examples/documents.ts'
import { RUN_LISTED, RUN_PENDING } from '../../examples/runs.ts'
import type { Example } from '../../route.ts'

const { policy: _, ...UNDER_WAY } = RUN_PENDING
const next = {
  policyId: POLICY.id,
  timeZone: POLICY.schedule.timeZone,
  connection: POLICY.connection,
  kind: POLICY.kind,
}
const returns = { returnsAt: NEXT_START_DUE_AT, returnsLocal: '2026-11-23 07:00 +08:00 Asia/Shanghai' }

export const OVERVIEW_EXAMPLES = {
  now: {
    evening: {
      summary: 'Before the weekend',
      answer: okAnswer({
        at: EXAMPLES_AT,
        stopsEnabled: true,
        startsEnabled: true,
        next: [
          {
            ...next,
            action: 'stop',
            at: NEXT_DUE_AT,
            local: '2026-11-20 20:00 +08:00 Asia/Shanghai',
            ...{ mode: POLICY.mode, escalateAfterMinutes: POLICY.escalateAfterMinutes },
            ...returns,
          },
          {
            ...next,
            action: 'start',
            at: NEXT_START_DUE_AT,
            local: '2026-11-23 07:00 +08:00 Asia/Shanghai',
            ...{ mode: null, escalateAfterMinutes: null, returnsAt: null, returnsLocal: null },
          },
        ],
        nextKnownUntil: null,
        snoozed: [],
        underWay: [UNDER_WAY],
        latest: [RUN_LISTED],
        attention: [],
      }),
    },
  },
} satisfies Record<string, Record<string, Example>>
