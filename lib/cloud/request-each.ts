/** Asks a cloud to stop or start servers by a call for each: all that a Nova has. */
import * as z from 'zod'
import type { Accepted } from '../core/model/accepted.ts'
import type { Act } from '../core/model/action.ts'
import { CloudError, commonWords } from '../core/model/errors.ts'
import type { Kind } from '../core/model/model.ts'
import { drainQueue } from '../runtime/concurrency.ts'
import { callOf } from './calls.ts'
import { errorIn } from './http/error-body.ts'
import { throwCloudError } from './http/failure.ts'
import type { ApiPlace } from './http/place.ts'
import type { AskCloud } from './http/request.ts'

/** Calls at a time: a Nova has about as many workers. */
const SIDE_BY_SIDE = 8
/** Nothing more is sent after this long; what is left comes by another message, within another function's time. */
const SENDING_MS = 30_000
/** So many servers from all over the list refused alike, and nothing else: it is not the servers that are refused. */
const MAX_ALIKE = 8
/** So many different words of refusal are told apart; the others by their code alone. */
const MAX_WORDS = 50

/** Where and how a server is asked by a call of its own. */
interface SingleCalls {
  ask: AskCloud
  place: (serverId: string) => ApiPlace
  /** What the key must be granted for a call, where that has a name. */
  permission?: string
  /** Milliseconds since the epoch. */
  now: () => number
}
export interface PowerRequest {
  kind: Kind
  act: Act
  ids: string[]
}

/** Whatever the status says, a body with an error is none; Nova sends no body at all. */
const Taken = z.unknown().refine(json => json !== undefined && errorIn(json) === null, {
  error: 'expected no body, or one without an error',
})

/** What became of the calls so far. */
interface SentEach {
  taken: { id: string; requestId: string | null }[]
  lost: string[]
  unsent: string[]
  refused: { id: string; error: CloudError }[]
  /** Why no more is sent. */
  trouble: CloudError | null
}

/**
 * Asks for each server by a call of its own, once. An answer means that the server is asked to do so, no
 * more. Throws `CloudError` when nothing came of any call, and never of class `member` or `unattributed`.
 */
export async function requestEach(native: SingleCalls, wanted: PowerRequest): Promise<Accepted> {
  const sent: SentEach = { taken: [], lost: [], unsent: [], refused: [], trouble: null }
  const queue = spreadRequests(wanted.ids)
  const rest: string[] = []
  const until = native.now() + SENDING_MS
  // The first go out whatever the time: a message that sends nothing would come for ever.
  await drainQueue(queue, { sideBySide: SIDE_BY_SIDE }, async id => {
    await requestOne(native, { ...wanted, id }, sent)
    if (sent.trouble !== null || native.now() >= until) rest.push(...queue.splice(0))
  })
  // What met trouble comes last the next time: one server that is always in trouble holds up no other.
  sent.unsent.unshift(...rest)
  return acceptedFrom(sent)
}

/** The first few from all over the list: servers that stand side by side may share what they are refused for. */
function spreadRequests(ids: string[]): string[] {
  const step = ids.length / MAX_ALIKE
  const first = new Set(ids.filter((_, place) => place % step < 1))
  return [...first, ...ids.filter(id => !first.has(id))]
}

async function requestOne(
  { ask, place, permission }: SingleCalls,
  { kind, act, id }: Omit<PowerRequest, 'ids'> & { id: string },
  sent: SentEach,
): Promise<void> {
  const call = callOf(act)
  try {
    const { requestId } = await ask({
      what: `${call.words(act, kind)} of server ${id}`,
      method: 'POST',
      ...place(id),
      body: JSON.stringify({ [call.name]: call.forOne(act, kind) }),
      answer: Taken,
      changes: [id],
      permission,
    })
    sent.taken.push({ id, requestId })
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    noteAnswer(sent, id, error)
  }
}

function noteAnswer(sent: SentEach, id: string, error: CloudError): void {
  switch (error.details.class) {
    case 'ambiguous':
      sent.lost.push(id)
      return
    case 'member':
    case 'unattributed':
    case 'refused':
      sent.refused.push({ id, error })
      if (allRefused(sent) && sent.refused.length >= MAX_ALIKE) sent.trouble ??= error
      return
    case 'throttled':
    case 'unavailable':
    case 'credentials':
      sent.unsent.push(id)
      sent.trouble ??= error
  }
}

/** Refused alike, and not for a cause that the cloud lays to the server. */
const allRefused = ({ taken, lost, refused }: SentEach): boolean =>
  taken.length + lost.length === 0 &&
  refused.every(({ error }) => error.details.class !== 'member') &&
  new Set(refused.map(({ error }) => error.details.code)).size <= 1

function acceptedFrom(sent: SentEach): Accepted {
  const { taken, lost, unsent, refused, trouble } = sent
  if (trouble !== null && allRefused(sent)) throwTrouble(trouble, refused.length)
  return {
    jobId: null,
    // One id cannot stand for many calls.
    requestId: taken.length === 1 ? taken[0]!.requestId : null,
    lost,
    unsent,
    refused: groupRefusals(refused),
    trouble: trouble?.details ?? null,
  }
}

function throwTrouble(trouble: CloudError, count: number): never {
  if (trouble.details.class !== 'unattributed') throw trouble
  throwCloudError({
    asked: `Each of the first ${count} servers was refused alike`,
    came: trouble.message.replace(/\.$/, ''),
    details: { ...trouble.details, class: 'refused' },
    cause: trouble,
  })
}

/** The refusals with the same words, together: those of a thousand servers must find room in one item. */
function groupRefusals(refused: SentEach['refused']): Accepted['refused'] {
  const groups = new Map<string, Accepted['refused'][number]>()
  for (const { id, error } of refused) {
    const { code, cause } = error.details
    const message = commonWords(error, [id])
    const key = groups.size < MAX_WORDS ? message : code
    const group = groups.get(key) ?? { ids: [], code, ...(cause && { cause }), message }
    groups.set(key, { ...group, ids: [...group.ids, id] })
  }
  return [...groups.values()]
}
