/** Asks the cloud to stop one chunk of servers: looks around, waits for its turn, marks its intent, asks. */
import { answerCounts } from '../lib/core/model/accepted.ts'
import { ChunkMessage, firstMessage, messageOf } from '../lib/core/model/chunk.ts'
import { CloudError } from '../lib/core/model/errors.ts'
import { runLatenessMs } from '../lib/core/notify/metrics.ts'
import {
  type Answered,
  accepted,
  intended,
  leaveAll,
  recovered,
  troubled,
  withdrawn,
} from '../lib/core/stop/chunk-transitions.ts'
import { reread } from '../lib/core/stop/recheck-before-send.ts'
import { judged, refused } from '../lib/core/stop/refusal.ts'
import { nextStop, type StopDecision, withoutAsking } from '../lib/core/stop/stop.ts'
import { each, type Invocation, queueHandler } from '../lib/runtime/handler.ts'
import type { Services } from '../lib/runtime/services.ts'
import { finish, type Held, LEASE_SECONDS, put, serversNow, take, whose } from './work.ts'

/** With less of the function's time left than this, another function goes on: of a call that is cut off nobody holds the answer. */
const MARGIN_MS = 60_000

export async function stop(
  message: ChunkMessage,
  services: Services,
  { timeLeftMs }: Invocation,
): Promise<void> {
  let held = await take(message, services)
  while (held && timeLeftMs() > MARGIN_MS) held = await pass(held, services)
  if (held) await rest(held, { chunk: held.whole.chunk, delaySeconds: 0 }, services)
}

/** One decision carried out; the chunk as it is then, `null` when this function is through with it. */
async function pass(before: Held, services: Services): Promise<Held | null> {
  const { held, decision } = await decide(before, services)
  const { run, whole } = held
  switch (decision.kind) {
    case 'withhold':
      services.log.info('chunk withheld', { ...whose(held), ...decision.withheld })
      await services.store.withhold(run.id, decision.withheld)
      return put(held, leaveAll(whole, { status: 'skipped', ...decision.withheld }, services.now()), services)
    case 'recover':
      services.log.warn('an answer was lost; the servers will tell', { ...whose(held) })
      return put(held, { chunk: recovered(whole.chunk) }, services)
    case 'read':
      return readInTurn(decision, held, services)
    case 'judge':
      return look(decision, held, services)
    case 'ask':
      return ask(decision, held, services)
    case 'follow':
      await services.queue.follow(messageOf(whole.chunk), services.config.follow.firstSeconds)
      return null
    case 'done':
      if (whole.chunk.requests.length === 0) await passOn(held, services)
      await finish(held, { chunk: whole.chunk }, services)
      return null
  }
}

/** Right before a call the world is looked at: who switched stops off or cancelled the run a moment ago is heard. */
async function decide(before: Held, services: Services): Promise<{ held: Held; decision: StopDecision }> {
  const { store, config, now } = services
  const rest = withoutAsking(before.whole)
  if (rest) return { held: before, decision: rest }
  const { run, connection, stopsEnabled } = await store.around(before.run)
  const guard = { connection, stopsEnabled, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  const held = { ...before, run }
  return { held, decision: nextStop(held, guard) }
}

type Read = Extract<StopDecision, { kind: 'read' }>

/** What has to wait is read when it comes back: what is read now would be stale by then. */
async function readInTurn(decision: Read, held: Held, services: Services): Promise<Held | null> {
  const turn = await turnOf({ ...decision, lineUp: true }, held, services)
  return turn.kind === 'when' ? wait(turn, held, services) : look(decision, held, services)
}

type Look = Extract<StopDecision, { kind: 'read' | 'judge' }>

async function look(decision: Look, held: Held, services: Services): Promise<Held | null> {
  const { run, policy, whole } = held
  try {
    const cloud = await services.cloud(decision.connection)
    const servers = await serversNow(cloud, run, decision.ids)
    const groups = await services.scalingGroups(decision.connection, run.kind)
    const seen = { servers, groups, selecting: policy, now: services.now() }
    return put(held, decision.kind === 'read' ? reread(whole, seen) : judged(whole, seen), services)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const trouble = { ...error.details, reason: error.message }
    services.log.warn('the cloud could not be asked', { ...whose(held), ...trouble })
    return act(troubled(whole, error, services.now()), held, services)
  }
}

type Asking = Extract<StopDecision, { kind: 'ask' }>

async function ask(decision: Asking, held: Held, services: Services): Promise<Held | null> {
  const { run, whole } = held
  const { log } = services
  const turn = await turnOf(decision, held, services)
  if (turn.kind === 'when') return wait(turn, held, services)
  const meant = await put(held, { chunk: intended(whole.chunk, decision.ask, services.now()) }, services)
  if (!meant) return null
  if (services.now() > turn.until) return put(meant, { chunk: withdrawn(meant.whole.chunk) }, services)
  if (meant.whole.chunk.requests.length === 1) await passOn(meant, services)
  try {
    const cloud = await services.cloud(decision.connection)
    const answer = await cloud[decision.call](run.kind, decision.ask.mode, decision.ids)
    const { mode } = decision.ask
    log.info('stop sent', { ...whose(held), mode, servers: decision.ids.length, ...answerCounts(answer) })
    services.measure({ RunLatenessMs: runLatenessMs(run, meant.whole.chunk) }, { run: run.id })
    return act(accepted(meant.whole, answer), meant, services)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    log.warn('stop refused', { ...whose(held), ...error.details, reason: error.message })
    return act(refused(meant.whole, error, services.now()), meant, services)
  }
}

type Turn = { kind: 'go'; until: number } | { kind: 'when'; at: number }

function wait({ at }: Extract<Turn, { kind: 'when' }>, held: Held, services: Services): Promise<null> {
  const delaySeconds = (at - services.now()) / 1000
  services.log.debug('waits for its turn', { ...whose(held), delaySeconds })
  return rest(held, { chunk: held.whole.chunk, delaySeconds }, services)
}

async function turnOf(
  { ids, connection, lineUp }: Pick<Asking, 'ids' | 'connection'> & { lineUp?: true },
  { run, whole }: Held,
  { store }: Services,
): Promise<Turn> {
  const perMinute = connection.maxServersPerMinute[run.kind]
  if (perMinute === null) return { kind: 'go', until: Number.POSITIVE_INFINITY }
  const key = `${run.id} ${whole.chunk.number}`
  return store.pace(
    { projectId: connection.projectId, kind: run.kind },
    { key, count: ids.length, perMinute, ...(lineUp ? { lineUp } : {}) },
  )
}

function act(result: Answered, held: Held, services: Services): Promise<Held | null> {
  return result.kind === 'advance' ? put(held, result.advance, services) : rest(held, result, services)
}

type Rest = Pick<Extract<Answered, { kind: 'again' }>, 'chunk' | 'delaySeconds'>

/** Puts the chunk down until later; its lease outlasts the message that brings it back. */
async function rest(held: Held, { chunk, delaySeconds }: Rest, services: Services): Promise<null> {
  const saved = await put(held, { chunk }, services, delaySeconds + LEASE_SECONDS)
  if (saved) await services.queue.stop(messageOf(saved.whole.chunk), delaySeconds)
  return null
}

/** One chunk of a run waits at a time: the next one's turn comes when this one is no longer waiting. */
async function passOn({ run, whole }: Held, { queue }: Services): Promise<void> {
  const next = whole.chunk.number + 1
  if (next < (run.chunks ?? 0)) await queue.stop(firstMessage(run, next))
}

export const handler = queueHandler(ChunkMessage, each(stop))
