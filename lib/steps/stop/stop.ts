/** Asks the cloud to stop, or to start, one chunk of servers: looks around, waits for its turn, marks its intent, asks. */

import { answerCounts } from '../../core/model/accepted.ts'
import type { Act } from '../../core/model/action.ts'
import { type ChunkMessage, firstMessage, messageOf } from '../../core/model/chunk.ts'
import { CloudError } from '../../core/model/errors.ts'
import { runLatenessMs } from '../../core/notify/metrics.ts'
import {
  afterFailedCall,
  applyAccepted,
  type CallResult,
  cancelPendingRequest,
  markAnswerLost,
  skipRemaining,
  withPendingRequest,
} from '../../core/stop/chunk-transitions.ts'
import { applyReread } from '../../core/stop/recheck-before-send.ts'
import { applyRefusal, settleRefused } from '../../core/stop/refusal.ts'
import { type ChunkDecision, nextChunkStep, withoutAsking } from '../../core/stop/stop.ts'
import type { Invocation } from '../../runtime/handler.ts'
import type { StopServices } from '../../runtime/services/services.ts'
import {
  claimChunk,
  completeChunk,
  type Held,
  LEASE_SECONDS,
  logContext,
  saveChunk,
  serversNow,
} from '../held-chunk.ts'
import { rulesByPolicies } from '../held-off.ts'
import { readSnoozes } from '../snoozes.ts'
import { followLater } from './follow-later.ts'

/** With less of the function's time left than this, another function goes on: the answer of a call that is cut off is lost. */
const MARGIN_MS = 60_000

export async function stop(
  message: ChunkMessage,
  services: StopServices,
  { timeLeftMs }: Invocation,
): Promise<void> {
  let held = await claimChunk(message, services)
  while (held && timeLeftMs() > MARGIN_MS) held = await advanceChunk(held, services)
  if (held) await requeueChunk(held, { chunk: held.whole.chunk, delaySeconds: 0 }, services)
}

/** Carries out one decision; returns the chunk as it is then, `null` when this function is through with it. */
async function advanceChunk(before: Held, services: StopServices): Promise<Held | null> {
  const { held, decision } = await decideNext(before, services)
  const { run, whole } = held
  switch (decision.kind) {
    case 'withhold':
      services.log.info('chunk withheld', { ...logContext(held), ...decision.withheld })
      await services.store.withhold(run.id, decision.withheld)
      return saveChunk(
        held,
        skipRemaining(whole, { status: 'skipped', ...decision.withheld }, services.now()),
        services,
      )
    case 'recover':
      services.log.warn('an answer was lost; the servers will tell', { ...logContext(held) })
      return saveChunk(held, { chunk: markAnswerLost(whole.chunk) }, services)
    case 'read':
      return rereadInTurn(decision, held, services)
    case 'judge':
      return rereadServers(decision, held, services)
    case 'ask':
      return sendRequest(decision, held, services)
    case 'follow':
      if (!hasSent(whole)) await startNextChunk(held, services)
      return followLater(held, services)
    case 'done':
      if (!hasSent(whole)) await startNextChunk(held, services)
      await completeChunk(held, { chunk: whole.chunk }, services)
      return null
  }
}

/** Reads switch, connection and run right before a call, so that a cancel of a moment ago is heard. */
async function decideNext(
  before: Held,
  services: StopServices,
): Promise<{ held: Held; decision: ChunkDecision }> {
  const { store, config, now } = services
  const rest = withoutAsking(before.whole)
  if (rest) return { held: before, decision: rest }
  const [{ run, connection, settings, jobTimes }, snoozes] = await Promise.all([
    store.around(before.run),
    readSnoozes(before.run, services),
  ])
  const guard = { connection, ...settings, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  const held = { ...before, run, jobTimes, rules: { ...before.rules, snoozes } }
  return { held, decision: nextChunkStep(held, guard) }
}

type ReadDecision = Extract<ChunkDecision, { kind: 'read' }>

/** Reads a chunk's servers only once its turn has come: what is read before would be stale by then. */
async function rereadInTurn(
  decision: ReadDecision,
  held: Held,
  services: StopServices,
): Promise<Held | null> {
  const turn = await requestTurn({ ...decision, lineUp: true }, held, services)
  return turn.kind === 'deferred'
    ? waitForTurn(turn, held, services)
    : rereadServers(decision, held, services)
}

type RereadDecision = Extract<ChunkDecision, { kind: 'read' | 'judge' }>

async function rereadServers(
  decision: RereadDecision,
  held: Held,
  services: StopServices,
): Promise<Held | null> {
  const { run, rules, whole } = held
  try {
    const cloud = await services.cloud(decision.connection)
    const servers = await serversNow(cloud, run, decision.ids)
    const groups = await services.scalingGroups(decision.connection, run.kind)
    const selecting = decision.kind === 'read' ? await rulesByPolicies(held, services) : rules
    const seen = { servers, groups, selecting, now: services.now() }
    return saveChunk(
      held,
      decision.kind === 'read' ? applyReread(whole, seen) : settleRefused(whole, seen),
      services,
    )
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const trouble = { ...error.details, reason: error.message }
    services.log.warn('the cloud could not be asked', { ...logContext(held), ...trouble })
    return applyResult(afterFailedCall(whole, error, services.now()), held, services)
  }
}

type SendDecision = Extract<ChunkDecision, { kind: 'ask' }>

async function sendRequest(decision: SendDecision, held: Held, services: StopServices): Promise<Held | null> {
  const { run, whole } = held
  const { log } = services
  const turn = await requestTurn(decision, held, services)
  if (turn.kind === 'deferred') return waitForTurn(turn, held, services)
  const meant = await saveChunk(
    held,
    { chunk: withPendingRequest(whole.chunk, decision.ask, services.now()) },
    services,
  )
  if (!meant) return null
  if (services.now() > turn.until)
    return saveChunk(meant, { chunk: cancelPendingRequest(meant.whole.chunk) }, services)
  if (!hasSent(whole)) await startNextChunk(meant, services)
  try {
    const cloud = await services.cloud(decision.connection)
    const { mode } = decision.ask
    const act: Act = { action: run.action, mode }
    const answer = await cloud[decision.call](run.kind, act, decision.ids)
    log.info(`${run.action} sent`, {
      ...logContext(held),
      mode,
      servers: decision.ids.length,
      ...answerCounts(answer),
    })
    services.emitMetrics({ RunLatenessMs: runLatenessMs(run, meant.whole.chunk) }, { run: run.id })
    return applyResult(applyAccepted(meant.whole, answer), meant, services)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    log.warn(`${run.action} refused`, { ...logContext(held), ...error.details, reason: error.message })
    return applyResult(applyRefusal(meant.whole, error, services.now()), meant, services)
  }
}

type Turn = { kind: 'granted'; until: number } | { kind: 'deferred'; at: number }

function waitForTurn(
  { at }: Extract<Turn, { kind: 'deferred' }>,
  held: Held,
  services: StopServices,
): Promise<null> {
  const delaySeconds = (at - services.now()) / 1000
  services.log.debug('waits for its turn', { ...logContext(held), delaySeconds })
  return requeueChunk(held, { chunk: held.whole.chunk, delaySeconds }, services)
}

async function requestTurn(
  { ids, connection, lineUp }: Pick<SendDecision, 'ids' | 'connection'> & { lineUp?: true },
  { run, whole }: Held,
  { store }: StopServices,
): Promise<Turn> {
  const perMinute = connection.maxServersPerMinute[run.kind]
  if (perMinute === null) return { kind: 'granted', until: Number.POSITIVE_INFINITY }
  const key = `${run.id} ${whole.chunk.number}`
  return store.pace(
    { projectId: connection.projectId, kind: run.kind },
    { key, count: ids.length, perMinute, ...(lineUp ? { lineUp } : {}) },
  )
}

function applyResult(result: CallResult, held: Held, services: StopServices): Promise<Held | null> {
  return result.kind === 'advance'
    ? saveChunk(held, result.advance, services)
    : requeueChunk(held, result, services)
}

type PausedChunk = Pick<Extract<CallResult, { kind: 'again' }>, 'chunk' | 'delaySeconds'>

/** Puts the chunk down until later; its lease outlasts the message that brings it back. */
async function requeueChunk(
  held: Held,
  { chunk, delaySeconds }: PausedChunk,
  services: StopServices,
): Promise<null> {
  const saved = await saveChunk(held, { chunk }, services, delaySeconds + LEASE_SECONDS)
  if (saved) await services.queue.stop(messageOf(saved.whole.chunk), delaySeconds)
  return null
}

/** Whether any request of a chunk went out. */
const hasSent = ({ chunk }: Held['whole']): boolean =>
  chunk.requests.some(({ answer }) => answer !== 'deferred')

/** One chunk of a run waits at a time: the next one's turn comes when this one is no longer waiting. */
async function startNextChunk({ run, whole }: Held, { queue }: StopServices): Promise<void> {
  const next = whole.chunk.number + 1
  if (next < (run.chunks ?? 0)) await queue.stop(firstMessage(run, next))
}
