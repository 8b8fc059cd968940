/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer, problemAnswer } from '../../examples/answers.ts'
import { CONNECTION, OUTCOME_STOPPED, SERVER } from '../../examples/documents.ts'
import { RUN } from '../../examples/runs.ts'
import type { Example } from '../../route.ts'

const RANGE = { from: '2026-11-19T00:00:00.000Z', to: '2026-11-20T00:00:00.000Z' }
const NIGHT = { hours: 10, savingHours: 10, amount: 4.2, currency: 'CNY' }
const sums = (by: string, key: string) => ({
  ...RANGE,
  by,
  items: [{ key, servers: 1, ...NIGHT, noPriceHours: 0 }],
  moreKeys: 0,
  totals: [{ currency: NIGHT.currency, amount: NIGHT.amount }],
  nextCursor: null,
})
const LINE = {
  ...SERVER,
  connection: CONNECTION.id,
  policyId: RUN.policyId,
  runId: RUN.id,
  flavor: 's6.large.2',
  from: OUTCOME_STOPPED.endedAt,
  to: '2026-11-19T22:00:47.000Z',
  ...NIGHT,
  perHour: 0.42,
  zeroBecause: null,
}

export const SAVINGS_EXAMPLES = {
  savings: {
    byPolicy: {
      summary: 'By policy',
      query: RANGE,
      answer: okAnswer(sums('policy', RUN.policyId)),
    },
    byTag: {
      summary: 'By the values of a tag, as they were when servers were stopped',
      query: { ...RANGE, by: 'tag:env' },
      answer: okAnswer(sums('tag:env', 'dev')),
    },
  },
  savingsLines: {
    day: { summary: 'Of a day', query: RANGE, answer: listAnswer(LINE) },
  },
  reconcileSavings: {
    month: {
      summary: 'Of a month that goes on',
      query: { month: '2026-11', connection: CONNECTION.id },
      answer: okAnswer({
        month: '2026-11',
        connection: CONNECTION.id,
        currency: NIGHT.currency,
        from: '2026-10-31T16:00:00.000Z',
        to: '2026-11-30T16:00:00.000Z',
        items: [{ ...SERVER, savingHours: 10, claimed: NIGHT.amount, billed: 40, check: 'fits' }],
        totals: { claimed: NIGHT.amount, billed: 40, inDoubt: 0, billedElsewhere: 0 },
        notes: ['The month goes on: a bill comes up to a day late.'],
      }),
    },
    unknown: {
      summary: 'Of a connection that is not there',
      query: { month: '2026-11', connection: 'nowhere' },
      answer: problemAnswer(404, 'Not Found', {
        detail: 'there is no connection nowhere',
        errors: [{ path: 'id', message: 'expected the id of a connection, got "nowhere"' }],
      }),
    },
  },
} satisfies Record<string, Record<string, Example>>
