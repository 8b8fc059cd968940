/** A run: what is kept of it, and how it begins, adds up and ends. */

import * as z from 'zod'
import { isoInstant } from '../schedule/instant.ts'
import { Action } from './action.ts'
import { Id, Instant, Kind, Occasion, type RunPolicy } from './model.ts'
import { OutcomeCode } from './outcome.ts'

export const RunStatus = z.enum([
  'pending',
  'running',
  'succeeded',
  'partial',
  'failed',
  'blocked',
  'missed',
  'cancelled',
])
export type RunStatus = z.infer<typeof RunStatus>

const Count = z.int().min(0)
export const Summary = z.object({
  matched: Count,
  targets: Count,
  skipped: Count,
  stopped: Count,
  /** Absent in runs of earlier versions. */
  started: Count.default(0),
  failed: Count,
  unconfirmed: Count,
})
export type Summary = z.infer<typeof Summary>
export const NO_SERVERS: Summary = {
  matched: 0,
  targets: 0,
  skipped: 0,
  stopped: 0,
  started: 0,
  failed: 0,
  unconfirmed: 0,
}

/** Why targets that were never asked are left: the code of their outcomes, and the words. */
export const Withheld = z.object({
  code: OutcomeCode.extract([
    'blocked',
    'dry-run',
    'cancelled',
    'halted',
    'too-late',
    'connection-disabled',
    'stops-disabled',
    'starts-disabled',
  ]),
  reason: z.string(),
})
export type Withheld = z.infer<typeof Withheld>

/** Of a chunk that is not done: how many of its targets came to a bad end for a cause of ours or the cloud's. */
const Failing = z.object({ bad: Count, of: Count })
export type Failing = z.infer<typeof Failing>

/** The part of a run that changes; the policy as it was when due lies beside it and never does. */
export const Run = z.object({
  id: z.string(),
  /** Absent in runs of earlier versions, which all stopped. */
  action: Action.default('stop'),
  policyId: Id.optional().describe('Absent for an ad hoc target.'),
  undoes: z.string().optional().describe('The run whose stops this one takes back.'),
  connection: z
    .string()
    .describe('Where no connection matched when it was due: the globs of its policy, and the run failed.'),
  kind: Kind,
  trigger: z.enum(['schedule', 'manual']),
  actor: z.string().optional().describe('The caller that asked for a manual run.'),
  dueAt: Instant,
  delayedFrom: Instant.optional().describe('When the schedule named it, where it was delayed.'),
  createdAt: Instant,
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  status: RunStatus,
  reason: z.string().optional(),
  dryRun: z.boolean(),
  overrideLimits: z.boolean(),
  /** The body of a manual request under an `Idempotency-Key`, hashed: another request under the key must have the same. */
  bodyHash: z.string().optional(),
  summary: Summary,
  /** Outcomes by `codeKey`, as far as they are settled. */
  codes: z
    .record(z.string(), Count)
    .describe('How many outcomes of each `status/code`, as far as they are settled.'),
  /** Matched servers less excluded ones: what the guard by history compares. */
  scope: Count,
  /** The number of the latest planning; its chunks are the run's, those of earlier ones are waste. 0 = none yet. */
  planning: Count,
  /** The token of the step that claimed that planning. */
  owner: z.string(),
  /** The planning waits for any function to go on with it. */
  paused: z.literal(true).optional(),
  /** How many chunks the planning made; absent until it is complete. */
  chunks: Count.optional(),
  /** How many servers of the kind the planning counted; 0: filters showed its servers, and nothing was counted. */
  fleet: Count,
  doneChunks: z.set(z.int()),
  /** By the chunk's number; chunks that are done by now no longer count here. */
  failing: z.record(z.string(), Failing).optional(),
  withheld: Withheld.optional(),
  cancel: z
    .object({ at: Instant, actor: z.string(), reason: z.string() })
    .optional()
    .describe('Actor, time and reason of its cancelling.'),
  /** Its policy wants its end sent to a webhook. */
  webhook: z.literal(true).optional(),
  /** What its policy has channels told of. */
  notify: z.array(Occasion).optional(),
  /** Of a run that its policy wanted people to be warned of. */
  warning: z
    .object({ sent: z.array(Id), unsent: z.array(z.object({ channel: Id, reason: z.string() })) })
    .optional()
    .describe('The channels that were warned of it, and those that were not, each with the reason.'),
  /** When nothing of it is sent any more, where the calendars of its policy, or its delays, have a say in that; `null`: never. */
  endsAt: Instant.nullable().optional(),
  /** When its end was counted; telling it comes after. */
  countedAt: Instant.optional(),
  /** When its end was published; until then it stays on the to-do list. */
  announcedAt: Instant.optional(),
  /** When the servers that it stopped were first looked at once more. */
  recheckedAt: Instant.optional(),
  /** The latest look at them; absent in runs of earlier versions. */
  lookedAt: Instant.optional(),
  /** From then on they are not looked at any more. */
  looksEndedAt: Instant.optional(),
  /** What an hour of its servers cost on its day, and the flavours that are charged while they are off. */
  prices: z
    .object({
      currency: z.string(),
      perHour: z.record(z.string(), z.number()),
      charged: z.array(z.string()),
    })
    .optional(),
  /** When a clock that ran ahead was found to have made it before its time: its due time makes another run. */
  prematureAt: Instant.optional(),
})
export type Run = z.infer<typeof Run>

/** The fields of a run that are shown: without what only its steps need. */
export const RunView = Run.pick({
  id: true,
  action: true,
  policyId: true,
  undoes: true,
  connection: true,
  kind: true,
  trigger: true,
  actor: true,
  dueAt: true,
  delayedFrom: true,
  createdAt: true,
  startedAt: true,
  endedAt: true,
  status: true,
  reason: true,
  dryRun: true,
  overrideLimits: true,
  summary: true,
  codes: true,
  cancel: true,
  warning: true,
})
export type RunView = z.infer<typeof RunView>

/** What a run keeps of its policy's webhook and channels: that there are some, and what those are told of. */
export function wantsTold({
  webhook,
  notify,
}: Pick<RunPolicy, 'webhook' | 'notify'>): Pick<Run, 'webhook' | 'notify'> {
  const occasions = [...new Set(notify.flatMap(({ on }) => on))]
  return {
    ...(webhook === null ? {} : { webhook: true }),
    ...(occasions.length > 0 ? { notify: occasions } : {}),
  }
}

export const isEnded = (run: Pick<Run, 'status'>): boolean =>
  run.status !== 'pending' && run.status !== 'running'

/** An unclaimed run of a policy; its trigger and due time are still missing. */
export const newRun = ({ kind, webhook, notify }: RunPolicy, connection: string) => ({
  connection,
  kind,
  ...wantsTold({ webhook, notify }),
  status: 'pending' as const,
  summary: NO_SERVERS,
  codes: {},
  scope: 0,
  planning: 0,
  owner: '',
  fleet: 0,
  doneChunks: new Set<number>(),
})

export interface ManualRun {
  id: string
  action: Run['action']
  undoes?: string
  /** Absent for an ad hoc target. */
  policyId?: string
  policy: RunPolicy
  /** The one of the policy's that it is about. */
  connection: string
  dryRun: boolean
  overrideLimits: boolean
  bodyHash?: string
}

/** A run requested by hand, due now. */
export function manualRun(
  { policy, ...request }: ManualRun,
  { actor, now }: { actor: string; now: number },
): Run {
  const at = isoInstant(now)
  return {
    ...newRun(policy, request.connection),
    ...request,
    trigger: 'manual',
    actor,
    dueAt: at,
    createdAt: at,
  }
}

/** Each undo of a run has the next number, from 1: of two asked for at once, one is made. */
export const undoId = (runId: string, number: number): string =>
  `undo.${number === 1 ? runId : `${runId}.${number}`}`
