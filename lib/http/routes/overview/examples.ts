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

const row = {
  policyId: POLICY.id,
  description: POLICY.description,
  enabled: true,
  connection: POLICY.connection,
  kind: POLICY.kind,
  timeZone: POLICY.schedule.timeZone,
  policyTimeZone: POLICY.schedule.timeZone,
  marksUntil: null,
  snooze: null,
  runsSince: null,
}
const DAY_MS = 86_400_000

/** A day in Shanghai, where each has 24 hours. */
function shownDay(date: string) {
  const fromMs = Date.parse(`${date}T00:00:00+08:00`)
  const [from, to] = [fromMs, fromMs + DAY_MS].map(ms => new Date(ms).toISOString())
  return { date, from, to, skippedBecause: null }
}

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
            mode: POLICY.mode,
            escalateAfterMinutes: POLICY.escalateAfterMinutes,
            ...returns,
          },
          {
            ...next,
            action: 'start',
            at: NEXT_START_DUE_AT,
            local: '2026-11-23 07:00 +08:00 Asia/Shanghai',
            mode: null,
            escalateAfterMinutes: null,
            returnsAt: null,
            returnsLocal: null,
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
  week: {
    weekend: {
      summary: 'The weekend and the Monday to come',
      query: { from: '2026-11-21', days: 3 },
      answer: okAnswer({
        at: EXAMPLES_AT,
        items: [
          {
            ...row,
            days: [shownDay('2026-11-21'), shownDay('2026-11-22'), shownDay('2026-11-23')],
            marks: [
              {
                at: NEXT_START_DUE_AT,
                local: '2026-11-23 07:00 +08:00 Asia/Shanghai',
                action: 'start',
                skippedBecause: null,
                runId: null,
              },
              {
                at: '2026-11-23T12:00:00.000Z',
                local: '2026-11-23 20:00 +08:00 Asia/Shanghai',
                action: 'stop',
                skippedBecause: null,
                runId: null,
              },
            ],
            off: [
              { from: '2026-11-20T16:00:00.000Z', to: NEXT_START_DUE_AT },
              { from: '2026-11-23T12:00:00.000Z', to: '2026-11-23T16:00:00.000Z' },
            ],
            runs: [],
          },
        ],
        nextCursor: null,
      }),
    },
    past: {
      summary: 'Last Thursday',
      query: { from: '2026-11-19', days: 1 },
      answer: okAnswer({
        at: EXAMPLES_AT,
        items: [
          {
            ...row,
            days: [shownDay('2026-11-19')],
            marks: [
              {
                at: RUN_LISTED.dueAt,
                local: '2026-11-19 20:00 +08:00 Asia/Shanghai',
                action: 'stop',
                skippedBecause: null,
                runId: RUN_LISTED.id,
              },
            ],
            off: [{ from: RUN_LISTED.dueAt, to: '2026-11-19T16:00:00.000Z' }],
            runs: [RUN_LISTED],
          },
        ],
        nextCursor: null,
      }),
    },
  },
} satisfies Record<string, Record<string, Example>>
