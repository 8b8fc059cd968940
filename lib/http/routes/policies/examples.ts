/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer, problemAnswer, refusedAnswer } from '../../examples/answers.ts'
import {
  DELAY,
  POLICY,
  POLICY_BODY,
  POLICY_CREATED,
  POLICY_DELAYED,
  POLICY_EDITED,
  POLICY_SNOOZED,
  PROTECTED,
  SNOOZE,
} from '../../examples/documents.ts'
import { PREVIEW, PREVIEW_START, PREVIEW_UNSAVED, WHY } from '../../examples/runs.ts'
import type { Example } from '../../route.ts'

const policy = { id: POLICY.id }
const OTHER_VERSION = 'expected "1", got "7"'

export const POLICY_EXAMPLES = {
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
  previewPolicy: {
    now: { summary: 'What it would stop now', params: policy, answer: okAnswer(PREVIEW) },
    start: {
      summary: 'What it would start now',
      params: policy,
      query: { action: 'start' },
      answer: okAnswer(PREVIEW_START),
    },
  },
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
  delayStop: {
    hour: { summary: "Tonight's, by an hour", params: policy, body: DELAY, answer: okAnswer(POLICY_DELAYED) },
    unknown: {
      summary: 'What is not due',
      params: policy,
      body: { ...DELAY, dueAt: '2026-11-20T12:30:00Z' },
      answer: refusedAnswer(
        'dueAt',
        'expected an instant at which a stop of the policy is due, such as 2026-11-20T12:00:00.000Z, got 2026-11-20T12:30:00.000Z',
      ),
    },
  },
  endSnooze: { none: { summary: 'Where there is none', params: policy, answer: okAnswer(POLICY) } },
} satisfies Record<string, Record<string, Example>>
