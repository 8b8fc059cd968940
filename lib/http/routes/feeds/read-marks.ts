/** Reads what a feed shows. */

import type { StoredPolicy } from '../../../core/model/model.ts'
import type { Run } from '../../../core/model/run.ts'
import { type Feed, feedTest, policiesNamed } from '../../../core/overview/feed/document.ts'
import { type FeedMark, feedMarks, feedRange, orderedMarks } from '../../../core/overview/feed/marks.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { type SwitchReader, switchReader } from '../../outlook.ts'

/** How many policies a feed shows: the first by their ids. */
const MAX_POLICIES = 1000
const POLICIES_AT_ONCE = 100
/** Latest runs of one policy; what is older is left out. */
const MAX_RUNS = { ofOne: 100, ofMany: 1000 }
const SIDE_BY_SIDE = 10

interface FeedRead {
  marks: FeedMark[]
  /** What the feed leaves out, for people. */
  notes: string[]
}

/** The policies that a feed may show, page by page: those that it names, or all. */
async function* policyPages(
  feed: Feed,
  { store }: HttpServices,
): AsyncGenerator<({ item: StoredPolicy } | { unreadable: string })[]> {
  const named = policiesNamed(feed)
  if (named) return yield* store.policiesByIds(named)
  let after: Awaited<ReturnType<typeof store.policies>>['next']
  do {
    const page = await store.policies({ most: POLICIES_AT_ONCE, ...(after && { after }) })
    yield page.rows
    after = page.next
  } while (after !== undefined)
}

async function feedPolicies(feed: Feed, services: HttpServices) {
  const isShown = feedTest(feed)
  const policies: StoredPolicy[] = []
  const unreadable: string[] = []
  for await (const rows of policyPages(feed, services)) {
    for (const row of rows)
      if ('unreadable' in row) unreadable.push(row.unreadable)
      else if (isShown(row.item)) policies.push(row.item)
    if (policies.length > MAX_POLICIES) break
  }
  return { policies: policies.slice(0, MAX_POLICIES), unreadable, isMore: policies.length > MAX_POLICIES }
}

/** The runs of its due times that have passed. */
async function passedRuns({ id, connections }: StoredPolicy, services: HttpServices): Promise<Run[]> {
  const { store, now } = services
  const most = connections === undefined ? MAX_RUNS.ofOne : MAX_RUNS.ofMany
  const since = isoInstant(feedRange(now()).fromMs)
  const { items } = await store.runs({ policyId: id, since, until: isoInstant(now()), most })
  return items
}

const latestMs = (...instants: (string | undefined)[]): number =>
  Math.max(0, ...instants.flatMap(instant => (instant === undefined ? [] : [Date.parse(instant)])))

interface MarksRequest {
  switches: SwitchReader
  /** When the settings were last changed. */
  settingsAt: string | undefined
}

/** When the latest change of any of these connections was. */
async function connectionsChangedMs(ids: string[], { connectionOf }: SwitchReader): Promise<number> {
  let changedMs = 0
  const results = await settleAll(ids, { sideBySide: SIDE_BY_SIDE }, async id => {
    const { updatedAt } = (await connectionOf(id)) ?? {}
    changedMs = Math.max(changedMs, latestMs(updatedAt))
  })
  throwFirstRejection(results)
  return changedMs
}

async function marksOf(
  policy: StoredPolicy,
  { switches, settingsAt }: MarksRequest,
  services: HttpServices,
): Promise<ReturnType<typeof feedMarks>> {
  const now = services.now()
  const ids = await switches.connectionIdsOf(policy)
  const [runs, held, connectionsMs] = await Promise.all([
    passedRuns(policy, services),
    switches.switchesOf(policy),
    connectionsChangedMs(ids, switches),
  ])
  const changedMs = Math.max(connectionsMs, latestMs(settingsAt))
  return feedMarks(policy, { now, range: feedRange(now), switches: held, runs, changedMs })
}

const notesOf = (label: string, ids: string[]): string[] =>
  ids.length > 0 ? [`${label}: ${ids.join(', ')}`] : []

/** All due times of a feed's policies, in order. */
export async function readMarks(feed: Feed, services: HttpServices): Promise<FeedRead> {
  const [{ policies, unreadable, isMore }, changes] = await Promise.all([
    feedPolicies(feed, services),
    services.store.changes({ kind: 'settings' }, { most: 1 }),
  ])
  const request = { switches: switchReader(services), settingsAt: changes.items[0]?.at }
  const marks: FeedMark[] = []
  const cut: string[] = []
  const results = await settleAll(policies, { sideBySide: SIDE_BY_SIDE }, async policy => {
    const shown = await marksOf(policy, request, services)
    marks.push(...shown.marks)
    if (shown.isCut) cut.push(policy.id)
  })
  throwFirstRejection(results)
  const notes = [
    ...notesOf('Only the first due times of', cut.toSorted()),
    ...notesOf('Cannot be read', unreadable),
    ...(isMore ? [`Only the first ${MAX_POLICIES} policies by their ids`] : []),
  ]
  return { marks: orderedMarks(marks), notes }
}
