/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer, problemAnswer } from '../../examples/answers.ts'
import { OUTCOME_SKIPPED, OUTCOME_STOPPED, POLICY, POLICY_EVERYWHERE } from '../../examples/documents.ts'
import {
  AD_HOC_BODY,
  RUN,
  RUN_AD_HOC,
  RUN_CANCELLED,
  RUN_LISTED,
  RUN_MADE,
  RUN_PENDING,
  RUN_UNDOING,
  RUNS_MADE,
} from '../../examples/runs.ts'
import type { Example } from '../../route.ts'

const run = { id: RUN.id }

export const RUN_EXAMPLES = {
  createRun: {
    dryRun: {
      summary: 'What would a policy stop?',
      headers: { 'idempotency-key': 'ask-20261120' },
      body: { policyId: POLICY.id, dryRun: true },
      answer: { status: 202, body: RUN_MADE },
    },
    eachConnection: {
      summary: 'Stop what a policy selects in each of its connections',
      headers: { 'idempotency-key': 'everywhere-20261120' },
      body: { policyId: POLICY_EVERYWHERE.id },
      answer: { status: 202, body: RUNS_MADE },
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
  undoRun: {
    undone: {
      summary: 'Start again what a run stopped',
      params: run,
      body: { reason: 'the release needs them' },
      answer: { status: 202, body: RUN_UNDOING },
    },
  },
  outcomes: {
    all: { summary: 'All of them', params: run, answer: listAnswer(OUTCOME_SKIPPED, OUTCOME_STOPPED) },
    stopped: {
      summary: 'Those that were stopped',
      params: run,
      query: { status: ['stopped'] },
      answer: listAnswer(OUTCOME_STOPPED),
    },
    protected: {
      summary: 'Those that a tag protected',
      params: run,
      query: { status: ['skipped'], code: ['protected'] },
      answer: listAnswer(OUTCOME_SKIPPED),
    },
  },
} satisfies Record<string, Record<string, Example>>
