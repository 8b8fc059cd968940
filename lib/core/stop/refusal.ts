/** What the cloud's refusal of a request makes of its chunk: one bad server does not sink a thousand. */

import type { Ask, Chunk, Refusal, WholeChunk } from '../model/chunk.ts'
import { isOff, type Server } from '../model/cloud.ts'
import { type CloudError, commonWords } from '../model/errors.ts'
import { type OutcomeCode, type Settled, unasked } from '../model/outcome.ts'
import {
  type Advance,
  type Answered,
  everAsked,
  hasTaken,
  leaveAll,
  recovered,
  resting,
  triedAgain,
  troubled,
  withdrawn,
  without,
} from './chunk-transitions.ts'
import { causeOfCode, isTooMany } from './cloud-errors.ts'
import { mayRepeat, type Seen, selectionOf } from './recheck-before-send.ts'
import { natively } from './single-server.ts'

/** A chunk whose servers are to be read before anything more is asked. */
const NEVER_READ = new Date(0).toISOString()
/** So many requests in a row refused alike, the last of them for a single server: it is the request that is refused. */
const ALIKE_REQUESTS = 3
const NOT_A_SERVER =
  'A smaller request and one for a single other server were refused alike, so it is not down to a server: ' +
  'it will be refused again as it is; change it, or what the project allows.'
/** So many refusals keep their own words; the others share theirs: those of a thousand servers must find room in one item. */
const MOST_WORDS = 50

/** Members for whose sake a request for many was refused: the answer named them, or they were refused alone. */
const blamed = ({ todo }: Chunk): number =>
  todo.reduce((count, { refusal, members }) => count + (refusal && !refusal.native ? members.length : 0), 0)

/**
 * How many of an ask go out in one request. Of suspects half of them: one is found among a thousand in ten requests. Where
 * more than one is to blame already, as many as went well for each of those: a chunk full of bad ones costs a request for each.
 */
export function portion(chunk: Chunk, { members, suspect }: Ask): number {
  if (suspect) return Math.ceil(members.length / 2)
  const bad = blamed(chunk)
  return bad < 2 ? members.length : Math.max(1, Math.floor(everAsked(chunk).size / bad))
}

/** What the refusal of the last request makes of its chunk; the class of the error decides. */
export function refused(whole: WholeChunk, error: CloudError, now: number): Answered {
  const keeping = (chunk: Chunk): Answered => ({ kind: 'advance', advance: { chunk, settled: new Map() } })
  const before = withdrawn(whole.chunk)
  switch (error.details.class) {
    case 'ambiguous':
      return keeping(recovered(whole.chunk))
    case 'member':
      return keeping(parted(whole, before, error))
    case 'unattributed':
      return { kind: 'advance', advance: attribute(whole, before, { error, now }) }
    case 'throttled':
    case 'unavailable':
    case 'credentials':
    case 'refused':
      return troubled({ ...whole, chunk: before }, error, now)
  }
}

/** A request refused because of its members: those at fault are found and put last, to be read and settled; the others are asked. */
function parted(whole: WholeChunk, chunk: Chunk, error: CloudError): Chunk {
  const [ask, ...others] = chunk.todo as [Ask, ...Ask[]]
  const { members } = ask
  const refusal = refusalOf(error, ask, whole)
  if (members.length === 1) return resting({ ...chunk, todo: joined([...others, { ...ask, refusal }]) })
  if (isTooMany(refusal.code)) return resting({ ...chunk, todo: [...halves(ask), ...others] })
  const named = namedBy(error, ask, whole)
  if (named.length > 0) {
    const rest = { ...ask, members: members.filter(member => !named.includes(member)) }
    return resting({ ...chunk, todo: joined([rest, ...others, { ...ask, members: named, refusal }]) })
  }
  // A second one at fault: what happened to both may be seen by now, and may have happened to more.
  const isSecond = blamed(chunk) === 1 && !others.some(other => other.suspect)
  const readAt = isSecond ? NEVER_READ : chunk.readAt
  return resting({ ...chunk, readAt, todo: [{ ...ask, suspect: true }, ...joined(others)] })
}

/**
 * A refusal that may be a server's fault or the request's own. Once the cloud has taken such a request, it is a server's. Until then the
 * request is halved; where the first half is refused alike, one server of the second tells: refused alike, too, it is the request.
 */
function attribute(
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
  if (isServers) return { chunk: parted(whole, chunk, error), settled: new Map() }
  if (requests >= ALIKE_REQUESTS) return refuseRequest({ ...whole, chunk }, error, now)
  const refusedHalf: Ask = { ...ask, suspect: true, unattributed: { code, requests } }
  const probe = requests > 1 ? firstOf(suspects!) : []
  const todo = [...probe, refusedHalf, ...joined(others.flatMap(other => without(other, membersOf(probe))))]
  return { chunk: resting({ ...chunk, todo }), settled: new Map() }
}

const membersOf = (asks: Ask[]): number[] => asks.flatMap(({ members }) => members)

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
  const { chunk, settled } = leaveAll({ ...whole, chunk: { ...whole.chunk, todo: toLeave } }, left, now)
  return { chunk: resting({ ...chunk, todo: toJudge }), settled }
}

function refusalOf(error: CloudError, { members }: Ask, { chunk, servers }: WholeChunk): Refusal {
  const ids = members.map(member => servers[member]!.id)
  const message = blamed(chunk) < MOST_WORDS ? error.message : commonWords(error, ids)
  return { code: error.details.code, message }
}

/** Who names all of them names nobody. */
function namedBy(error: CloudError, { members }: Ask, { servers }: WholeChunk): number[] {
  const ids = new Set(error.details.serverIds)
  const named = members.filter(member => ids.has(servers[member]!.id))
  return named.length < members.length ? named : []
}

function halves(ask: Ask): Ask[] {
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
function joined(asks: Ask[]): Ask[] {
  const groups = Map.groupBy(
    asks,
    ({ mode, escalation, native, refusal }) => `${mode} ${escalation} ${native} ${refusal?.message}`,
  )
  const cleared = [...groups.values()].map(group => {
    const { suspect: _, unattributed: __, ...first } = group[0]!
    return { ...first, members: group.flatMap(({ members }) => members) }
  })
  return [...cleared.filter(ask => !ask.refusal), ...cleared.filter(ask => ask.refusal)]
}

/**
 * A fresh read of those that a refusal is laid to, and nothing else is left to do: where it has no cause that shows, the native call
 * is tried; for the others, who was never asked before is settled by it.
 */
export function judged(whole: WholeChunk, seen: Seen): Advance {
  const { chunk } = whole
  const { servers, now } = seen
  const select = selectionOf(seen)
  const serverOf = (member: number) => servers.get(whole.servers[member]!.id)
  const isFaultless = (ask: Ask) => (member: number) => {
    const server = serverOf(member)
    return server !== undefined && server.taskState === null && mayRepeat(server, select, ask)
  }
  const parts = chunk.todo.map(ask => natively(ask, isFaultless(ask)))
  const final = parts.flatMap(part => part.final)
  const asked = everAsked(chunk)
  const settled: Advance['settled'] = new Map()
  for (const ask of final)
    for (const member of ask.members)
      if (!asked.has(member)) settled.set(member, judgement(serverOf(member), ask, now))
  const refused = [...chunk.refused, ...triedAgain(final, asked)]
  return { chunk: resting({ ...chunk, todo: parts.flatMap(part => part.again), refused }), settled }
}

function judgement(server: Server | undefined, { refusal, native }: Ask, now: number): Settled {
  const before = native === undefined ? '' : `; the native call was tried because of ${native}`
  const reason = `${refusal!.code}: ${refusal!.message}${before}`
  if (server && isOff(server) && server.taskState === null)
    return unasked({ status: 'skipped', code: 'already-stopped', reason }, now)
  return unasked({ status: 'failed', code: causeOf(server, refusal!.code), reason }, now)
}

/** What the cloud named as the cause, else what shows; that a server is gone is believed of none that shows. */
function causeOf(server: Server | undefined, refusalCode: string): OutcomeCode {
  if (!server) return 'not-found'
  const named = causeOfCode(refusalCode)
  if (named !== null && named !== 'not-found') return named
  if (server.locked) return 'locked'
  if (server.frozen) return 'frozen'
  return server.taskState === null ? 'refused' : 'busy'
}
