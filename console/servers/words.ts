/** Servers in words, and what is asked for by what somebody typed. */
import type { Server, Why } from '../api/types.ts'
import { nameGlob } from '../runs/outcome-words.ts'
import type { Tone } from '../words/run.ts'

/** Ids as clouds make them: UUIDs, with dashes or without. */
const ID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** What of a query a text stands for: an id, a glob, or a part of a name. */
export function searchOf(text: string): { id: string } | { name: string } | null {
  const wanted = text.trim()
  if (wanted === '') return null
  if (ID.test(wanted)) return { id: wanted }
  return { name: nameGlob(wanted) }
}

type StatusOf = { tone: Tone; word: string }

/** What holds for a server before any policy is asked. */
export function stateOf({ protected: isProtected, snoozedUntil, policies }: Server): StatusOf | null {
  if (isProtected) return { tone: 'good', word: 'protected' }
  if (snoozedUntil !== null) return { tone: 'part', word: 'snoozed' }
  return policies.length === 0 ? { tone: 'quiet', word: 'no policy' } : null
}

/** Whether a policy would stop it now, in a word. */
export function whyWord({ wouldStop, code }: Why): StatusOf {
  if (wouldStop) return { tone: 'busy', word: 'would stop it' }
  if (code === 'not-selected' || code === 'excluded') return { tone: 'quiet', word: 'not about it' }
  return { tone: 'part', word: 'would leave it' }
}

/** In the order of the names, which is none of the cloud's. */
export const sortServers = (servers: Server[]): Server[] =>
  servers.toSorted(
    (one, other) => one.name.localeCompare(other.name) || one.serverId.localeCompare(other.serverId),
  )
