/** Routes of feeds, and the public one that calendars subscribe to. */
import { Unreadable } from '../../../core/model/errors.ts'
import { exactPolicies, type Feed } from '../../../core/overview/feed/document.ts'
import { feedText } from '../../../core/overview/feed/text.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { paginate } from '../../lists/lists.ts'
import { throwNotFound, throwProblem, throwUnprocessable } from '../../problem.ts'
import { type Answer, type Asked, defineRoute, jsonAnswer } from '../../route.ts'
import {
  FeedBody,
  FeedDocument,
  FeedFile,
  NewFeed,
  PathFeedId,
  PathFeedToken,
} from '../../schemas/feed-schemas.ts'
import { ListQuery, listSchema } from '../../schemas/schemas.ts'
import { FEED_EXAMPLES } from './examples.ts'
import { readMarks } from './read-marks.ts'
import { hashToken, isSameHash, newToken } from './token.ts'

/** Characters of events: with each end of a line, which JSON makes twice as long, far from what Lambda hands on. */
const MAX_LENGTH = 2_000_000

const shownFeed = ({ tokenHash: _, ...feed }: Feed) => feed

/** A policy that is named without a glob is meant to be there. Throws 422. */
async function refuseUnknownPolicies(body: FeedBody, { store }: HttpServices): Promise<void> {
  const heads = await store.existingPolicies([...new Set(exactPolicies(body))])
  const there = new Set(heads.map(({ id }) => id))
  const errors = (body.policies ?? []).flatMap((id, place) =>
    exactPolicies({ policies: [id] }).length === 0 || there.has(id)
      ? []
      : [{ path: `policies.${place}`, message: `expected the id of a policy, or a glob, got "${id}"` }],
  )
  if (errors.length > 0) throwUnprocessable(errors)
}

async function createFeed({ body, actor }: Asked<unknown, unknown, FeedBody>, services: HttpServices) {
  const { store, now, unique, config, log } = services
  await refuseUnknownPolicies(body, services)
  const token = newToken(unique)
  const feed: Feed = { ...body, ...hashToken(token), createdAt: isoInstant(now()), createdBy: actor }
  // Of a write that is sent twice, for its answer was lost, the second one finds the first.
  if (!(await store.createFeed(feed)) && (await store.feed(feed.id))?.tokenHash !== feed.tokenHash)
    throwProblem(409, 'another feed has the same id: try again')
  log.info('feed created', { id: feed.id, actor })
  return jsonAnswer({ ...shownFeed(feed), url: `${config.publicUrl}/feeds/${token}.ics` }, 201)
}

/** The same answer to each wrong token: it tells nothing of what there is, or was. */
const throwNoFeed = (): never =>
  throwProblem(404, 'there is no such feed, or it was revoked: ask whoever gave you its address for another')

/** The feed of a token. Throws 404. */
async function feedOf(token: string, { store }: HttpServices): Promise<Feed> {
  const { id, tokenHash } = hashToken(token)
  const feed = await store.feed(id).catch(error => {
    if (error instanceof Unreadable) return null
    throw error
  })
  return feed !== null && isSameHash(feed.tokenHash, tokenHash) ? feed : throwNoFeed()
}

async function answerFeed(token: string, services: HttpServices): Promise<Answer> {
  const feed = await feedOf(token, services)
  const { marks, notes } = await readMarks(feed, services)
  const { publicUrl } = services.config
  const head = { name: feed.description || 'Curfew', notes, publicUrl }
  return {
    status: 200,
    body: feedText(head, marks, MAX_LENGTH),
    // Kept by the calendar itself, to ask whether it is still the same.
    headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'private, no-cache' },
  }
}

export const feedRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/feeds',
    operation: 'feeds',
    examples: FEED_EXAMPLES.feeds,
    summary: 'All feeds, the oldest first',
    description: 'Without their addresses, which nobody can tell any more.',
    query: ListQuery,
    answers: { 200: { description: 'A page of them.', schema: listSchema(FeedDocument) } },
    run: ({ query }, { store }) =>
      paginate({
        list: 'feeds',
        ...query,
        page: (most, after) => store.feeds({ most, ...(after && { after }) }),
        shown: shownFeed,
      }),
  }),
  defineRoute({
    method: 'POST',
    needs: 'admin',
    path: '/v1/feeds',
    operation: 'createFeed',
    examples: FEED_EXAMPLES.createFeed,
    summary: 'Make a calendar that others subscribe to',
    description:
      'Due stops and starts of all policies, or of some, a week back and sixty days ahead. The answer tells its address this once: whoever knows it sees the ids and descriptions of these policies, when they are due, and why not. Where the answer is lost, make another and delete this one.',
    body: { schema: FeedBody },
    answers: { 201: { description: 'The feed, with its address.', schema: NewFeed } },
    run: createFeed,
  }),
  defineRoute({
    method: 'DELETE',
    needs: 'admin',
    path: '/v1/feeds/{id}',
    operation: 'deleteFeed',
    examples: FEED_EXAMPLES.deleteFeed,
    summary: 'Revoke the address of a feed',
    description: 'From now on nobody gets anything by it. What calendars have fetched stays with them.',
    params: PathFeedId,
    answers: { 204: { description: 'It is gone.' } },
    run: async ({ params: { id }, actor }, { store, log }) => {
      if (!(await store.removeFeed(id))) throwNotFound('feed', id)
      log.info('feed deleted', { id, actor })
      return { status: 204 }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/feeds/{token}.ics',
    operation: 'feed',
    summary: 'A feed, as calendars read it',
    description:
      'iCalendar (RFC 5545): an event for each due time, with the same `UID` for good. One that is snoozed or skipped is `CANCELLED`, one that is delayed has moved. Its `ETag` stays while nothing changes: 304 for `If-None-Match`. Each wrong or revoked address gets the same 404.',
    answers: { 200: { description: 'The calendar.', schema: FeedFile, contentType: 'text/calendar' } },
    params: PathFeedToken,
    open: true,
    run: ({ params: { token } }, services) => answerFeed(token, services),
  }),
]
