/** Requests as they may be sent, with the answers they get, by operation. */

import about from '../../../package.json' with { type: 'json' }
import type { Example } from '../route.ts'
import { listAnswer, okAnswer, problemAnswer, refusedAnswer } from './example-answers.ts'
import {
  AD_HOC_BODY,
  CHANGE,
  CONNECTION,
  CONNECTION_BODY,
  CONNECTION_CREATED,
  CONNECTION_DISABLED,
  OUTCOME_SKIPPED,
  OUTCOME_STOPPED,
  POLICY,
  POLICY_BODY,
  POLICY_CREATED,
  POLICY_EDITED,
  POLICY_SNOOZED,
  PREVIEW,
  PREVIEW_UNSAVED,
  PROTECTED,
  RUN,
  RUN_AD_HOC,
  RUN_CANCELLED,
  RUN_LISTED,
  RUN_MADE,
  RUN_PENDING,
  SNOOZE,
  WHY,
} from './example-documents.ts'

const connection = { id: CONNECTION.id }
const policy = { id: POLICY.id }
const run = { id: RUN.id }

const OTHER_VERSION = 'expected "1", got "7"'

export const EXAMPLES: Record<string, Record<string, Example>> = {
  health: {
    healthy: {
      summary: 'All is well',
      answer: okAnswer({ version: about.version, ok: true, table: true, queues: true }),
    },
  },
  settings: { usual: { summary: 'The usual', answer: okAnswer({ stopsEnabled: true }) } },
  saveSettings: {
    off: {
      summary: 'Stop stopping',
      body: { stopsEnabled: false },
      answer: okAnswer({ stopsEnabled: false }),
    },
  },

  connections: {
    first: { summary: 'The first page', query: { limit: '100' }, answer: listAnswer(CONNECTION) },
  },
  connection: {
    found: { summary: 'One that is there', params: connection, answer: okAnswer(CONNECTION) },
    missing: {
      summary: 'One that is not',
      params: { id: 'nowhere' },
      answer: problemAnswer(404, 'Not Found', {
        detail: 'there is no connection nowhere',
        errors: [{ path: 'id', message: 'expected the id of a connection, got "nowhere"' }],
      }),
    },
  },
  saveConnection: {
    create: {
      summary: 'A new one',
      params: { id: CONNECTION_CREATED.id },
      body: { ...CONNECTION_BODY, region: 'eu-west-101' },
      answer: { status: 201, body: CONNECTION_CREATED },
    },
    disable: {
      summary: 'Stop nothing of it any more, unless it was changed meanwhile',
      params: connection,
      headers: { 'if-match': '"1"' },
      body: { ...CONNECTION_BODY, enabled: false },
      answer: okAnswer(CONNECTION_DISABLED),
    },
  },
  deleteConnection: {
    used: {
      summary: 'One that is in use',
      params: connection,
      answer: problemAnswer(409, 'Conflict', {
        detail: `connection ${CONNECTION.id} is in use, by policies such as nightly-dev: change or delete those first`,
      }),
    },
  },
  checkConnection: {
    reached: {
      summary: 'One that works',
      params: connection,
      answer: okAnswer({ ok: true, servers: { ecs: 3, bms: 0 }, warnings: [] }),
    },
  },

  policies: { first: { summary: 'The first page', answer: listAnswer(POLICY) } },
  policy: { found: { summary: 'One that is there', params: policy, answer: okAnswer(POLICY) } },
  savePolicy: {
    create: {
      summary: 'A new one',
      params: { id: POLICY_CREATED.id },
      body: POLICY_BODY,
      answer: { status: 201, body: POLICY_CREATED },
    },
    edit: {
      summary: 'Another description, unless it was changed meanwhile',
      params: policy,
      headers: { 'if-match': '"1"' },
      body: { ...POLICY_BODY, description: POLICY_EDITED.description },
      answer: okAnswer(POLICY_EDITED),
    },
    late: {
      summary: 'An edit of a version that is no longer there',
      params: policy,
      headers: { 'if-match': '"7"' },
      body: POLICY_BODY,
      answer: problemAnswer(412, 'Precondition Failed', {
        detail: 'If-Match: expected "1", got "7"; read it again and repeat the edit',
        errors: [{ path: 'if-match', message: OTHER_VERSION }],
      }),
    },
    refused: {
      summary: 'A schedule that cannot be read',
      params: policy,
      body: { ...POLICY_BODY, schedule: { cron: '0 20 * *', timeZone: 'Asia/Shanghai' } },
      answer: refusedAnswer(
        'schedule.cron',
        'expected five fields, minute hour day-of-month month day-of-week, such as "0 20 * * 1-5", got "0 20 * *"',
      ),
    },
  },
  deletePolicy: { gone: { summary: 'One that is there', params: policy, answer: { status: 204 } } },
  previewPolicy: { now: { summary: 'What it would do now', params: policy, answer: okAnswer(PREVIEW) } },
  preview: {
    unsaved: { summary: 'Before it is saved', body: POLICY_BODY, answer: okAnswer(PREVIEW_UNSAVED) },
  },
  why: {
    protected: {
      summary: 'A server that carries curfew-protect',
      params: { ...policy, serverId: PROTECTED.serverId },
      answer: okAnswer(WHY),
    },
  },
  snoozePolicy: {
    weekend: { summary: 'Until Monday', params: policy, body: SNOOZE, answer: okAnswer(POLICY_SNOOZED) },
  },
  endSnooze: { none: { summary: 'Where there is none', params: policy, answer: okAnswer(POLICY) } },

  createRun: {
    dryRun: {
      summary: 'What would a policy stop?',
      headers: { 'idempotency-key': 'ask-20261120' },
      body: { policyId: POLICY.id, dryRun: true },
      answer: { status: 202, body: RUN_MADE },
    },
    adHoc: {
      summary: 'Stop servers that no policy names',
      headers: { 'idempotency-key': 'web-20261120' },
      body: AD_HOC_BODY,
      answer: { status: 202, body: RUN_AD_HOC },
    },
  },
  runs: {
    succeeded: {
      summary: 'Those of a policy that succeeded since Thursday',
      query: { policyId: POLICY.id, status: ['succeeded'], since: '2026-11-19T00:00:00Z' },
      answer: listAnswer(RUN_LISTED),
    },
    bad: {
      summary: 'Those since Thursday that need a person',
      query: { bad: 'true', since: '2026-11-19T00:00:00Z' },
      answer: listAnswer(),
    },
  },
  run: { ended: { summary: 'One that has ended', params: run, answer: okAnswer(RUN) } },
  cancelRun: {
    cancelled: {
      summary: 'One that goes on',
      params: { id: RUN_PENDING.id },
      body: { reason: RUN_CANCELLED.cancel.reason },
      answer: { status: 202, body: RUN_CANCELLED },
    },
    late: {
      summary: 'One that has ended',
      params: run,
      answer: problemAnswer(409, 'Conflict', { detail: `run ${RUN.id} has ended already: succeeded` }),
    },
  },
  outcomes: {
    all: { summary: 'All of them', params: run, answer: listAnswer(OUTCOME_SKIPPED, OUTCOME_STOPPED) },
    stopped: {
      summary: 'Those that were stopped',
      params: run,
      query: { status: 'stopped' },
      answer: listAnswer(OUTCOME_STOPPED),
    },
  },
  policyChanges: { first: { summary: 'The first page', params: policy, answer: listAnswer(CHANGE) } },
  connectionChanges: { none: { summary: 'None were made', params: connection, answer: listAnswer() } },
  settingsChanges: {
    none: { summary: 'None were made', answer: listAnswer() },
  },
}
