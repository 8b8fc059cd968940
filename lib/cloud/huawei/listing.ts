/** Every server of a kind. A list that holds fewer servers than the cloud counts is not taken for the whole. */
import type { ServerPage, TagFilter } from '../../core/model/cloud.ts'
import type { Kind } from '../../core/model/model.ts'
import { ownDetails, throwCloudError } from '../http/failure.ts'
import { isMarkerVanished, isNotAccepted } from '../reading-servers.ts'
import type { ListedServers } from '../servers.ts'
import { createMarkerPaging, type MarkerPaging, type PassEnd, parseResume } from './marker-paging.ts'
import { readWholeList } from './numbered-list.ts'
import {
  type Filter,
  type Huawei,
  type ListedPage,
  readPageAfter,
  UNFILTERED,
  WITHOUT_BARE_METAL,
} from './page.ts'

/**
 * Every server of a kind, page by page; `after` is the `resume` of another listing's page.
 * Throws `CloudError`: after `marker-vanished` and `listing-shifts` start over; `listing-incomplete` will not pass.
 */
export async function* serverPages(huawei: Huawei, kind: Kind, after?: string): AsyncGenerator<ServerPage> {
  const { scope } = huawei
  if (after !== undefined) scope.of = after.startsWith(GRANTED) ? 'granted' : 'project'
  const place = after?.replace(GRANTED, '')
  for await (const page of kind === 'ecs' ? ecsPages(huawei, place) : bmsPages(huawei)) {
    const resume = page.resume !== null && scope.of === 'granted' ? GRANTED + page.resume : page.resume
    yield { ...page, resume }
  }
}

/** Begins the place of a list of what is granted, which goes on as it began. */
const GRANTED = 'granted '

/** A count may include bare metal that the filter leaves out, and servers may come and go: a second pass, over both, tells. */
const PASSES: Filter[] = [WITHOUT_BARE_METAL, UNFILTERED]

/**
 * ECS API reference, "Querying Details About ECSs": `marker` is the last id of the page before. Some clouds ignore it or refuse it,
 * and page by number alone.
 */
async function* ecsPages(huawei: Huawei, after?: string): AsyncGenerator<ServerPage> {
  const paging = createMarkerPaging(parseResume(after))
  let numbers = ''
  for (const filter of PASSES) {
    const end = yield* readPass(huawei, paging, filter)
    if (end.kind === 'whole') return
    if (end.kind === 'short') numbers = `, but only ${end.came} of ${end.counted} came`
    // What another listing showed before is unknown here, and must not be shown again.
    if (after !== undefined) break
    if (end.kind === 'marker-ignored') return yield* pagesByNumber(huawei, paging, end.cause)
    paging.startOver()
  }
  throwCloudError({
    asked: `Connection ${huawei.connection.id}: list of ECS servers`,
    came: `expected as many servers as the cloud counts${numbers}`,
    details: ownDetails({ class: 'unavailable', code: 'listing-shifts' }),
  })
}

/** Such a tag means the same in a filter of every cloud: no sign of it parts, joins or escapes anything. */
const PLAIN_TAG = /^[\p{L}\p{N}_.-]+$/u

export const isPlainTag = ({ key, value }: TagFilter): boolean => PLAIN_TAG.test(key) && PLAIN_TAG.test(value)

/**
 * ECS API reference, "Querying Details About ECSs", filter `tags`: the servers of the kind that carry a tag. Where its pages are not whole
 * by their own count, no second pass follows: there is the list of all.
 */
export async function* taggedPages(huawei: Huawei, { key, value }: TagFilter): AsyncGenerator<ServerPage> {
  const tags = `${key}=${value}`
  const end = yield* readPass(huawei, createMarkerPaging(parseResume(undefined)), {
    ...WITHOUT_BARE_METAL,
    tags,
  })
  if (end.kind === 'whole') return
  const came = end.kind === 'short' ? `only ${end.came} of ${end.counted} came` : 'the same page came again'
  throwCloudError({
    asked: `Connection ${huawei.connection.id}: list of ECS servers with the tag ${tags}`,
    came: `expected as many servers as the cloud counts, but ${came}`,
    details: ownDetails({ class: 'unavailable', code: 'filter-incomplete' }),
  })
}

/** One pass over all pages. From the second on the next page is on its way while one is worked on: the first may be all that is wanted. */
async function* readPass(
  huawei: Huawei,
  paging: MarkerPaging,
  filter: Filter,
): AsyncGenerator<ServerPage, PassEnd> {
  let next: Promise<ListedPage> | null = null
  for (let isFirst = true; ; isFirst = false) {
    let page: ListedPage
    try {
      page = await (next ?? readPageAfter(huawei, paging.marker(), filter))
    } catch (error) {
      if (isMarkerVanished(error) && paging.mayBeIgnored()) return { kind: 'marker-ignored', cause: error }
      throw error
    }
    const { fresh, end, resume } = paging.accept(page)
    next = end === null && !isFirst ? readPageAfter(huawei, paging.marker(), filter) : null
    // A caller that stops early leaves this request pending; one that goes on awaits it above, failure and all.
    next?.catch(() => undefined)
    if (end?.kind !== 'marker-ignored') yield ecsPage(fresh, { resume, total: paging.total() })
    if (end !== null) return end
  }
}

function ecsPage(
  listed: ListedServers[],
  { resume, total }: Pick<ServerPage, 'resume' | 'total'>,
): ServerPage {
  return { servers: listed.flatMap(({ server }) => (server?.kind === 'ecs' ? server : [])), resume, total }
}

/** The servers that paging by marker did not show. A cloud that refuses numbers, too, has refused the marker for another cause. */
async function* pagesByNumber(
  huawei: Huawei,
  paging: MarkerPaging,
  cause: unknown,
): AsyncGenerator<ServerPage> {
  const listed = await readWholeList(huawei, 'ecs').catch((error: unknown) => {
    throw cause !== undefined && isNotAccepted(error) ? cause : error
  })
  const fresh = listed.filter(({ id }) => paging.isNew(id))
  const isPure = listed.every(({ server }) => server?.kind === 'ecs')
  yield ecsPage(fresh, { resume: null, total: isPure ? listed.length : null })
}

/** BMS API reference, "Querying Details About BMSs": pages by number alone. */
async function* bmsPages(huawei: Huawei): AsyncGenerator<ServerPage> {
  const listed = await readWholeList(huawei, 'bms')
  yield { servers: listed.flatMap(({ server }) => server ?? []), resume: null, total: listed.length }
}
