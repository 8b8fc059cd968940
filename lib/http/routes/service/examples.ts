/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import about from '../../../../package.json' with { type: 'json' }
import { listAnswer, okAnswer } from '../../examples/answers.ts'
import { CALENDAR } from '../../examples/calendar.ts'
import { CHANGE, CHANNEL, CONNECTION, EXAMPLES_AT, POLICY } from '../../examples/documents.ts'
import type { Example } from '../../route.ts'

const connection = { id: CONNECTION.id }
const policy = { id: POLICY.id }

const PRICES = {
  source: 'table',
  currency: 'CNY',
  perHour: { 's6.large.2': 0.42, 'cn-east-3/s6.large.2': 0.4, 's6.large.2.win': 0.71 },
}

export const SERVICE_EXAMPLES = {
  health: {
    healthy: {
      summary: 'All is well',
      answer: okAnswer({
        version: about.version,
        ok: true,
        table: true,
        queues: true,
        ticks: true,
        tickedAt: EXAMPLES_AT,
      }),
    },
  },
  livez: { well: { summary: 'It lives', answer: okAnswer({ ok: true }) } },
  readyz: { well: { summary: 'All is well', answer: okAnswer({ ok: true }) } },
  settings: {
    usual: {
      summary: 'The usual',
      answer: okAnswer({ stopsEnabled: true, startsEnabled: true, prices: { source: 'none' } }),
    },
  },
  saveSettings: {
    off: {
      summary: 'Stop stopping',
      body: { stopsEnabled: false, startsEnabled: true },
      answer: okAnswer({ stopsEnabled: false, startsEnabled: true, prices: { source: 'none' } }),
    },
    prices: {
      summary: 'Prices of your own',
      body: { stopsEnabled: true, prices: PRICES },
      answer: okAnswer({ stopsEnabled: true, startsEnabled: true, prices: PRICES }),
    },
  },
  policyChanges: { first: { summary: 'The first page', params: policy, answer: listAnswer(CHANGE) } },
  connectionChanges: { none: { summary: 'None were made', params: connection, answer: listAnswer() } },
  channelChanges: {
    none: { summary: 'None were made', params: { id: CHANNEL.id }, answer: listAnswer() },
  },
  calendarChanges: {
    none: { summary: 'None were made', params: { id: CALENDAR.id }, answer: listAnswer() },
  },
  settingsChanges: {
    none: { summary: 'None were made', answer: listAnswer() },
  },
} satisfies Record<string, Record<string, Example>>
