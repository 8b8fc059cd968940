/** Calendars of due stops and starts, which others subscribe to. */
import * as z from 'zod'
import { Feed, FeedOptions } from '../../core/overview/feed/document.ts'

export const FeedBody = FeedOptions.meta({ id: 'FeedBody' })
export type FeedBody = z.infer<typeof FeedBody>

const { tokenHash: _, ...shown } = Feed.shape

export const FeedDocument = z
  .object(shown)
  .meta({ id: 'Feed', description: 'A calendar of due stops and starts. Its address is not shown again.' })

export const NewFeed = z
  .object({
    ...shown,
    url: z.string().meta({
      description:
        'Where calendars subscribe: whoever knows it sees what the feed shows. It is told this once.',
    }),
  })
  .meta({ id: 'NewFeed' })

export const PathFeedId = z.strictObject({ id: Feed.shape.id })

/** Whatever it is: what is no token at all gets the answer of a wrong one. */
export const PathFeedToken = z.strictObject({
  token: z.string().catch('').meta({ description: 'The secret of the address that `POST /v1/feeds` told.' }),
})
export const FeedFile = z.string()
