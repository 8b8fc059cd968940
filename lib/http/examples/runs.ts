/** The runs of that world, and what of a policy is worked out from them. */
import { NO_SERVERS } from '../../core/model/run.ts'
import {
  EXAMPLES_ACTOR,
  EXAMPLES_AT,
  NEXT_DUE_AT,
  NEXT_START_DUE_AT,
  OUTCOME_SKIPPED,
  POLICY_EVERYWHERE,
  POLICY_PLAIN,
  PROTECTED,
  SERVER,
} from './documents.ts'

const NOTHING_YET = { ...NO_SERVERS, waiting: 0 }

/** As lists show it. */
export const RUN_LISTED = {
  id: 'nightly-dev.20261119T120000Z',
  action: 'stop',
  undoes: null,
  policyId: 'nightly-dev',
  connection: 'prod-cn-north-4',
  kind: 'ecs',
  trigger: 'schedule',
  dueAt: '2026-11-19T12:00:00.000Z',
  createdAt: '2026-11-19T12:00:00.000Z',
  startedAt: '2026-11-19T12:00:01.000Z',
  endedAt: '2026-11-19T12:00:47.000Z',
  status: 'succeeded',
  dryRun: false,
  overrideLimits: false,
  summary: { ...NOTHING_YET, matched: 2, targets: 1, skipped: 1, stopped: 1 },
  codes: { 'stopped/stopped': 1, 'skipped/protected': 1 },
}
export const RUN = { ...RUN_LISTED, policy: POLICY_PLAIN, progress: { chunks: 1, sent: 1, followed: 1 } }

const manual = {
  action: 'stop',
  undoes: null,
  connection: 'prod-cn-north-4',
  kind: 'ecs',
  trigger: 'manual',
  actor: EXAMPLES_ACTOR,
  dueAt: EXAMPLES_AT,
  createdAt: EXAMPLES_AT,
  status: 'pending',
  overrideLimits: false,
  summary: NOTHING_YET,
  codes: {},
}
export const RUN_MADE = {
  id: 'manual.f5d0a733da4acec6da2ed3caf5747cc3',
  policyId: 'nightly-dev',
  ...manual,
  dryRun: true,
  policy: POLICY_PLAIN,
}
/** One in each connection; a list of them has no policies. */
export const RUNS_MADE = {
  items: [
    {
      ...manual,
      id: 'manual.b34b051e55253bdabcd723960ea9fb0b.prod-cn-north-4',
      policyId: POLICY_EVERYWHERE.id,
      dryRun: false,
    },
  ],
}
export const RUN_UNDOING = {
  id: `undo.${RUN.id}`,
  policyId: 'nightly-dev',
  ...manual,
  action: 'start',
  undoes: RUN.id,
  dryRun: false,
  policy: POLICY_PLAIN,
}
export const AD_HOC_BODY = {
  connection: 'prod-cn-north-4',
  kind: 'ecs',
  selector: { name: 'dev-web-*' },
  mode: 'hard',
}
export const RUN_AD_HOC = {
  id: 'manual.bd0324e9c1373191c9a8101467d24076',
  ...manual,
  dryRun: false,
  policy: {
    ...AD_HOC_BODY,
    exclude: {},
    acceptPowerCut: false,
    escalateAfterMinutes: null,
    limits: { maxServers: null, maxPercent: null, historyFactor: 3 },
    haltShare: 0.1,
    webhook: null,
    notify: [],
  },
}
/** A run that is there to be cancelled. */
export const RUN_PENDING = { ...RUN_AD_HOC, id: 'manual.0d3c5a1e-8b2f-4c7d-9e6a-5f4b3c2d1e0f' }
export const RUN_CANCELLED = {
  ...RUN_PENDING,
  cancel: { at: EXAMPLES_AT, actor: EXAMPLES_ACTOR, reason: 'The demo lasts longer' },
}

/** Off at 8 in the evening, on at 7 in the morning, neither at the weekend. */
const DUE_TIMES = [
  ['2026-11-20T12', '2026-11-20 20', 'stop'],
  ['2026-11-22T23', '2026-11-23 07', 'start'],
  ['2026-11-23T12', '2026-11-23 20', 'stop'],
  ['2026-11-23T23', '2026-11-24 07', 'start'],
  ['2026-11-24T12', '2026-11-24 20', 'stop'],
  ['2026-11-24T23', '2026-11-25 07', 'start'],
  ['2026-11-25T12', '2026-11-25 20', 'stop'],
  ['2026-11-25T23', '2026-11-26 07', 'start'],
  ['2026-11-26T12', '2026-11-26 20', 'stop'],
  ['2026-11-26T23', '2026-11-27 07', 'start'],
]

export const PREVIEW = {
  dueTimes: DUE_TIMES.map(([at, local, action]) => ({
    at: `${at}:00:00.000Z`,
    local: `${local}:00 +08:00 Asia/Shanghai`,
    action,
    skippedBecause: null,
  })),
  summary: { matched: 2, targets: 1, skipped: 1 },
  targets: [SERVER],
  skipped: [{ ...PROTECTED, code: 'protected', reason: 'it carries the tag curfew-protect' }],
  warnings: [{ code: 'excludes-nothing', message: `exclude: no server's name is like "*-ci-*"` }],
  warningCount: 1,
  blockedBy: null,
}

/** It has stopped one server, which a person started since. */
export const PREVIEW_START = {
  ...PREVIEW,
  summary: { matched: 1, targets: 0, skipped: 1 },
  targets: [],
  skipped: [{ ...SERVER, code: 'already-running', reason: 'it was running already (ACTIVE)' }],
  warnings: [],
  warningCount: 0,
}

/** Until it is saved, it is another policy than the saved one. */
export const PREVIEW_UNSAVED = {
  ...PREVIEW,
  warnings: [
    ...PREVIEW.warnings,
    {
      code: 'overlap',
      message: 'policy nightly-dev stops 1 of these servers, too, off now or not',
      servers: [SERVER],
    },
  ],
  warningCount: 2,
}

export const WHY = {
  ...PROTECTED,
  connection: 'prod-cn-north-4',
  wouldStop: false,
  code: 'protected',
  reason: 'it carries the tag curfew-protect',
  conditions: [
    { condition: 'selector.tags.env', holds: true, expected: '"dev" or "test"', found: '"dev"' },
    { condition: 'exclude.name', holds: false, expected: 'like "*-ci-*"', found: '"dev-db-01"' },
  ],
  nextDueAt: NEXT_DUE_AT,
  nextDueLocal: '2026-11-20 20:00 +08:00 Asia/Shanghai',
  nextStopAt: null,
  nextStopLocal: null,
  nextStartAt: NEXT_START_DUE_AT,
  nextStartLocal: '2026-11-23 07:00 +08:00 Asia/Shanghai',
  warnings: [],
  latest: [
    {
      runId: RUN_LISTED.id,
      dueAt: RUN_LISTED.dueAt,
      status: 'succeeded',
      dryRun: false,
      outcome: OUTCOME_SKIPPED,
      underWay: false,
    },
  ],
}
