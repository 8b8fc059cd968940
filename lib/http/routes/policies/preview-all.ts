/** The preview of a policy with several connections: side by side, none waited for longer than an answer may take. */
import type { Action } from '../../../core/model/action.ts'
import { policyIn } from '../../../core/model/connection.ts'
import { CloudError, Unreadable } from '../../../core/model/errors.ts'
import type { Policy } from '../../../core/model/model.ts'
import { type Previewed, previewDueTimes, previewPolicy } from '../../../core/preview/preview.ts'
import { type PreviewParts, sumPreviews } from '../../../core/preview/sum.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { connectionsNow } from '../../edits/policy-connections.ts'
import { waitAtMost } from '../../late.ts'
import { switchReader } from '../../outlook.ts'
import { type ComparedPolicies, readOthers } from './other-policies.ts'
import { sightOf } from './preview-sight.ts'

const SIDE_BY_SIDE = 8
/** After this long no further connection is looked at, and after that long none is waited for: an answer may take 29 s. */
const START_MS = 12_000
const CONNECTION_MS = 12_000

export interface PreviewAsked {
  policy: Policy & Pick<Previewed['policy'], 'snoozedUntil' | 'snoozeReason' | 'covers' | 'delays'>
  action: Action
  /** The one of its connections that alone is asked for. */
  connection?: string | undefined
}

const NOT_LOOKED_AT = 'it was not looked at, for others took too long: ask for it alone, by ?connection='

interface Look {
  asked: PreviewAsked
  others: ComparedPolicies
  begunAt: number
}

/** The preview in one connection, or why there is none. */
async function previewOf(id: string, { asked, others, begunAt }: Look, services: HttpServices) {
  if (performance.now() - begunAt > START_MS) return NOT_LOOKED_AT
  const { policy, action } = asked
  try {
    const connection = await services.store.connection(id)
    if (connection === null) return 'there is no such connection any more'
    const sight = sightOf({ policy: policyIn(policy, id), action, others }, connection, services)
    const seen = await waitAtMost(CONNECTION_MS, sight)
    return seen === null ? `it gave no answer within ${CONNECTION_MS / 1000} s` : previewPolicy(seen)
  } catch (error) {
    if (error instanceof CloudError || error instanceof Unreadable) return error.message
    throw error
  }
}

export async function previewAll(asked: PreviewAsked, services: HttpServices) {
  const { policy, action } = asked
  const begunAt = performance.now()
  const connections = await connectionsNow(policy, services)
  const others = await readOthers(policy, { action, connections }, services)
  const all: PreviewParts = {
    patterns: policy.connections ?? [],
    connections,
    previews: [],
    unreachable: [],
    dueTimes: previewDueTimes(policy, await switchReader(services).switchesOf(policy), services.now()),
  }
  const found = new Map<string, Awaited<ReturnType<typeof previewOf>>>()
  const results = await settleAll(connections, { sideBySide: SIDE_BY_SIDE }, async id =>
    found.set(id, await previewOf(id, { asked, others, begunAt }, services)),
  )
  throwFirstRejection(results)
  for (const connection of connections) {
    const preview = found.get(connection)!
    if (typeof preview === 'string') all.unreachable.push({ connection, reason: preview })
    else all.previews.push({ connection, ...preview })
  }
  return sumPreviews(all)
}
