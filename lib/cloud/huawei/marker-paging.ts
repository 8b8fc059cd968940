/** Paging by marker: which servers of a page are new, where the next page begins, and whether the list is whole at its end. */

import { PAGE_SERVERS } from '../reading-servers.ts'
import { seenIds } from '../seen-ids.ts'
import type { ListedServers } from '../servers.ts'
import { type CountedPage, countsOf } from './numbered-list.ts'
import type { ListedPage } from './page.ts'

export type PassEnd =
  | { kind: 'whole' }
  | { kind: 'short'; came: number; counted: number }
  /** `cause`: the refusal of the marker, where that is how the cloud ignores it. */
  | { kind: 'marker-ignored'; cause?: unknown }

interface AcceptedPage {
  /** Servers that no page showed before. */
  fresh: ListedServers[]
  /** `null` while there is a next page. */
  end: PassEnd | null
  /** Where another listing can go on behind this page; `null` at the end. */
  resume: string | null
}
export interface MarkerPaging {
  accept(page: ListedPage): AcceptedPage
  /** After which server the next page begins; `null` at the beginning. */
  marker(): string | null
  /** No page has shown yet that the cloud uses markers; another listing that was paused has. */
  mayBeIgnored(): boolean
  /** Whether no page showed it before; from now on one did. */
  isNew(id: string): boolean
  /** What the latest page counts; `null` where that is not told, or includes bare metal. */
  total(): number | null
  /** Another pass from the beginning; servers that were shown stay known. */
  startOver(): void
}

/** Where a listing goes on: after which server, and how many came up to it; `before` is `null` where that is unknown. */
interface Resume {
  marker: string | null
  before: number | null
}

const formatResume = (marker: string, came: number | null): string =>
  came === null ? marker : `${marker}:${came}`

export function parseResume(resume: string | undefined): Resume {
  if (resume === undefined) return { marker: null, before: 0 }
  const [, marker, came] = /^(.*):(\d+)$/.exec(resume) ?? []
  return marker === undefined ? { marker: resume, before: null } : { marker, before: Number(came) }
}

/** The state of one pass over the list. */
interface Pass {
  marker: string | null
  /** The cloud may give shorter pages than asked for: the shortest so far. */
  fullPage: number
  pages: CountedPage[]
}

export function createMarkerPaging({ marker, before }: Resume): MarkerPaging {
  const seen = seenIds()
  const begin = (at: string | null): Pass => ({ marker: at, fullPage: PAGE_SERVERS, pages: [] })
  let pass = begin(marker)
  /** Of a second pass: what it has shown itself. In the first, that is all that was seen. */
  let seenInPass = seen
  let isHeard = false
  let isPure = true
  const came = (): number | null => (before === null ? null : before + seen.size())
  // A server of the list before cannot be told from a new one: a page that begins before its marker is cut there.
  const behindMarker = ({ servers }: ListedPage): ListedServers[] =>
    marker !== null && pass.pages.length === 0
      ? servers.slice(servers.findIndex(({ id }) => id === marker) + 1)
      : servers

  /** A page is the last only when it is short and nothing is missing of its count, or when it shows nothing new. */
  function endOf({ servers, count }: ListedPage, newInPass: number): PassEnd | null {
    const all = came()
    const isCounted = all !== null && all >= (count ?? Number.POSITIVE_INFINITY)
    if ((servers.length < pass.fullPage || seenInPass !== seen) && isCounted) return { kind: 'whole' }
    if (newInPass > 0) return null
    if (servers.length > 0 && !isHeard) return { kind: 'marker-ignored' }
    return short(all) ?? { kind: 'whole' }
  }

  /** Servers that were made meanwhile need not be in the list: it is compared with the least count of any page. */
  function short(all: number | null): PassEnd | null {
    const counts = countsOf(pass.pages)
    const counted = Math.min(...counts)
    return all === null || counts.length === 0 || all >= counted
      ? null
      : { kind: 'short', came: all, counted }
  }

  return {
    accept(page) {
      const isFirst = pass.marker === null
      const behind = behindMarker(page)
      const fresh = behind.filter(({ id }) => seen.add(id))
      const newInPass =
        seenInPass === seen ? fresh.length : behind.filter(({ id }) => seenInPass.add(id)).length
      isPure &&= fresh.every(({ server }) => server?.kind === 'ecs')
      pass.pages.push({ count: page.count, servers: { length: page.servers.length } })
      const end = endOf(page, newInPass)
      isHeard ||= !isFirst && newInPass > 0
      pass.fullPage = Math.min(pass.fullPage, page.servers.length)
      pass.marker = page.servers.at(-1)?.id ?? null
      const mayResume = end === null && seenInPass === seen
      return { fresh, end, resume: mayResume ? formatResume(pass.marker!, came()) : null }
    },
    marker: () => pass.marker,
    mayBeIgnored: () => !isHeard && marker === null,
    isNew: id => seen.add(id),
    total: () => (isPure ? (pass.pages.at(-1)?.count ?? null) : null),
    startOver() {
      pass = begin(null)
      isHeard = false
      seenInPass = seenIds()
    },
  }
}
