/** What the cloud's refusal of a request makes of its chunk: one bad server does not sink a thousand. */

import { ACTIONS, isDone } from '../model/action.ts'
import type { Ask, Chunk, Refusal, WholeChunk } from '../model/chunk.ts'
import type { Server } from '../model/cloud.ts'
import { type CloudError, commonWords } from '../model/errors.ts'
import { type OutcomeCode, outcomeWithoutRequest, type Settled } from '../model/outcome.ts'
import { isoInstant } from '../schedule/instant.ts'
import {
  type Advance,
  afterFailedCall,
  type CallResult,
  cancelPendingRequest,
  deferredRequest,
  everAsked,
  hasTaken,
  markAnswerLost,
  removeMembers,
  skipRemaining,
  triedAgain,
  withDeferred,
  withIdleStatus,
} from './chunk-transitions.ts'
import { mayRepeat, type Seen, selectionOf } from './recheck-before-send.ts'
import { splitForSingleServers } from './single-server.ts'

/** A chunk whose servers are to be read before anything more is asked. */
const NEVER_READ = isoInstant(0)
/** So many requests in a row refused alike, the last of them for a single server: it is the request that is refused. */
const ALIKE_REQUESTS = 3
const NOT_A_SERVER =
  'A smaller request and one for a single other server were refused alike, so it is not down to a server: ' +
  'it will be refused again as it is; change it, or what the project allows.'
/** So many refusals keep their own words; the others share theirs: those of a thousand servers must find room in one item. */
const MAX_WORDS = 50

/** Members for whose sake a request for many was refused: the answer named them, or they were refused alone. */
const countBlamed = ({ todo, requests }: Chunk): number =>
  [...todo, ...requests].reduce(
    (count, { refusal, members }) => count + (refusal && !refusal.native ? members.length : 0),
    0,
  )

/**
 * How many of an ask go out in one request. Of suspects half of them: one is found among a thousand in ten requests. Where
 * more than one is to blame already, as many as went well for each of those: a chunk full of bad ones costs a request for each.
 */
export function requestSize(chunk: Chunk, { members, suspect, alone }: Ask): number {
  if (alone) return 1
  if (suspect) return Math.ceil(members.length / 2)
  const bad = countBlamed(chunk)
  return bad < 2 ? members.length : Math.max(1, Math.floor(everAsked(chunk).size / bad))
}

/** What the refusal of the last request makes of its chunk; the class of the error decides. */
export function applyRefusal(whole: WholeChunk, error: CloudError, now: number): CallResult {
  const keeping = (chunk: Chunk): CallResult => ({ kind: 'advance', advance: { chunk, settled: new Map() } })
  const before = cancelPendingRequest(whole.chunk)
  switch (error.details.class) {
    case 'ambiguous':
      return keeping(markAnswerLost(whole.chunk))
    case 'member':
      return keeping(isolateCulprits(whole, before, error))
    case 'unattributed':
      return { kind: 'advance', advance: attributeRefusal(whole, before, { error, now }) }
    case 'throttled':
    case 'unavailable':
    case 'credentials':
    case 'refused':
      return afterFailedCall({ ...whole, chunk: before }, error, now)
  }
}

/** A request refused because of its members: those at fault are found and put last, to be read and settled; the others are asked. */
function isolateCulprits(whole: WholeChunk, chunk: Chunk, error: CloudError): Chunk {
  const [ask, ...others] = chunk.todo as [Ask, ...Ask[]]
  const { members } = ask
  const refusal = refusalOf(error, ask, whole)
  if (members.length === 1) return withCulprits(chunk, { rest: others, blamed: { ...ask, refusal } }, whole)
  if (error.details.cause === 'too-many')
    return withIdleStatus({ ...chunk, todo: [...splitInHalves(ask), ...others] })
  const named = namedBy(error, ask, whole)
  if (named.length > 0) {
    const rest = { ...ask, members: members.filter(member => !named.includes(member)) }
    const blamed = { ...ask, members: named, refusal }
    return withCulprits(chunk, { rest: [rest, ...others], blamed }, whole)
  }
  // A second one at fault: what happened to both may be seen by now, and may have happened to more.
  const isSecond = countBlamed(chunk) === 1 && !others.some(other => other.suspect)
  const readAt = isSecond ? NEVER_READ : chunk.readAt
  return withIdleStatus({ ...chunk, readAt, todo: [{ ...ask, suspect: true }, ...mergeAsks(others)] })
}

/** Those that there was no room for are asked again later; others are put last, to be read and settled. */
function withCulprits(
  chunk: Chunk,
  { rest, blamed }: { rest: Ask[]; blamed: Ask },
  { chunk: { requests } }: WholeChunk,
): Chunk {
  if (blamed.refusal?.cause !== 'no-capacity')
    return withIdleStatus({ ...chunk, todo: mergeAsks([...rest, blamed]) })
  const deferred = deferredRequest(requests.at(-1)!, blamed)
  return withIdleStatus({ ...chunk, requests: withDeferred(chunk.requests, deferred), todo: mergeAsks(rest) })
}

/**
 * A refusal that may be a server's fault or the request's own. Once the cloud has taken such a request, it is a server's. Until then the
 * request is halved; where the first half is refused alike, one server of the second tells: refused alike, too, it is the request.
 */
function attributeRefusal(
  whole: WholeChunk,
  chunk: Chunk,
  { error, now }: { error: CloudError; now: number },
): Advance {
  const [ask, ...others] = chunk.todo as [Ask, ...Ask[]]
  const { code } = error.details
  const suspects = others.find(other => other.suspect)
  const before = suspects?.unattributed
  const requests = before?.code === code ? before.requests + 1 : 1
  const isServers = hasTaken(chunk, ask) || (requests === 1 && ask.members.length === 1)
  if (isServers) return { chunk: isolateCulprits(whole, chunk, error), settled: new Map() }
  if (requests >= ALIKE_REQUESTS) return refuseRequest({ ...whole, chunk }, error, now)
  const refusedHalf: Ask = { ...ask, suspect: true, unattributed: { code, requests } }
  const probe = requests > 1 ? firstOf(suspects!) : []
  const probed = probe.flatMap(({ members }) => members)
  const rest = others.flatMap(other => removeMembers(other, probed))
  const todo = [...probe, refusedHalf, ...mergeAsks(rest)]
  return { chunk: withIdleStatus({ ...chunk, todo }), settled: new Map() }
}

/** One of the suspects, no suspect itself while it is asked alone. */
function firstOf(suspects: Ask): Ask[] {
  const { suspect: _, unattributed: __, ...ask } = suspects
  return [{ ...ask, members: ask.members.slice(0, 1) }]
}

/** Nothing more is asked as it was; what was refused for a server's own cause before is still to be judged. */
function refuseRequest(whole: WholeChunk, error: CloudError, now: number): Advance {
  const [toJudge, toLeave] = [true, false].map(isJudged =>
    whole.chunk.todo.filter(({ refusal }) => (refusal !== undefined) === isJudged),
  ) as [Ask[], Ask[]]
  const reason = `${error.message} ${NOT_A_SERVER}`
  const left = { status: 'failed', code: 'refused', reason } as const
  const { chunk, settled } = skipRemaining({ ...whole, chunk: { ...whole.chunk, todo: toLeave } }, left, now)
  return { chunk: withIdleStatus({ ...chunk, todo: toJudge }), settled }
}

function refusalOf(error: CloudError, { members }: Ask, { chunk, servers }: WholeChunk): Refusal {
  const ids = members.map(member => servers[member]!.id)
  const message = countBlamed(chunk) < MAX_WORDS ? error.message : commonWords(error, ids)
  const { code, cause } = error.details
  return { code, ...(cause && { cause }), message }
}

/** An error that names every server identifies none. */
function namedBy(error: CloudError, { members }: Ask, { servers }: WholeChunk): number[] {
  const ids = new Set(error.details.serverIds)
  const named = members.filter(member => ids.has(servers[member]!.id))
  return named.length < members.length ? named : []
}

function splitInHalves(ask: Ask): Ask[] {
  const middle = Math.ceil(ask.members.length / 2)
  return [
    { ...ask, members: ask.members.slice(0, middle) },
    { ...ask, members: ask.members.slice(middle) },
  ]
}

/**
 * Suspects no longer, for another is at fault: what can go out in one request is one ask again. What is to be judged comes last, and
 * what was refused in the same words is one ask, too.
 */
function mergeAsks(asks: Ask[]): Ask[] {
  const groups = Map.groupBy(
    asks,
    ({ mode, escalation, native, alone, refusal }) =>
      `${mode} ${escalation} ${native} ${alone} ${refusal?.message}`,
  )
  const cleared = [...groups.values()].map(group => {
    const { suspect: _, unattributed: __, ...first } = group[0]!
    return { ...first, members: group.flatMap(({ members }) => members) }
  })
  return [...cleared.filter(ask => !ask.refusal), ...cleared.filter(ask => ask.refusal)]
}

/**
 * A fresh read of those that a refusal is laid to, and nothing else is left to do: where it has no cause that shows, the native call
 * is tried; the others are settled by it if they were never asked before.
 */
export function settleRefused(whole: WholeChunk, seen: Seen): Advance {
  const { chunk } = whole
  const { servers } = seen
  const select = selectionOf(seen)
  const serverOf = (member: number) => servers.get(whole.servers[member]!.id)
  const isFaultless = (ask: Ask) => (member: number) => {
    const server = serverOf(member)
    return server !== undefined && server.busy === null && mayRepeat(server, select, ask)
  }
  const parts = chunk.todo.map(ask => splitForSingleServers(ask, isFaultless(ask)))
  const final = parts.flatMap(part => part.final)
  const asked = everAsked(chunk)
  const settled: Advance['settled'] = new Map()
  for (const ask of final)
    for (const member of ask.members)
      if (!asked.has(member)) settled.set(member, refusedOutcome(serverOf(member), ask, seen))
  const refused = [...chunk.refused, ...triedAgain(final, asked)]
  return { chunk: withIdleStatus({ ...chunk, todo: parts.flatMap(part => part.again), refused }), settled }
}

function refusedOutcome(
  server: Server | undefined,
  { refusal, native }: Ask,
  { selecting: { action = 'stop' }, now }: Pick<Seen, 'selecting' | 'now'>,
): Settled {
  const before = native === undefined ? '' : `; the native call was tried because of ${native}`
  const reason = `${refusal!.code}: ${refusal!.message}${before}`
  if (server && isDone(action, server) && server.busy === null)
    return outcomeWithoutRequest({ status: 'skipped', code: ACTIONS[action].already, reason }, now)
  return outcomeWithoutRequest({ status: 'failed', code: refusedAs(server, refusal!), reason }, now)
}

/** What the cloud named as the cause, else what shows; that a server is gone is believed of none that shows. */
function refusedAs(server: Server | undefined, { cause }: Refusal): OutcomeCode {
  if (!server) return 'not-found'
  if (cause === 'locked' || cause === 'frozen') return cause
  if (server.locked) return 'locked'
  if (server.frozen) return 'frozen'
  return server.busy === null ? 'refused' : 'busy'
}
