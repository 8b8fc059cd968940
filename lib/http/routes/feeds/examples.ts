/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, refusedAnswer } from '../../examples/answers.ts'
import { EXAMPLES_ACTOR, EXAMPLES_AT, FEED } from '../../examples/documents.ts'
import type { Example } from '../../route.ts'

const { tokenHash: _, ...shown } = FEED
const body = { description: 'Stops of the development servers', policies: ['nightly-*'] }
const TOKEN = 'Jt0c1yLZzEw2Xn7mQqkUo5a9rPzV3bH8sDfGhJkLmNo'

export const FEED_EXAMPLES = {
  feeds: { first: { summary: 'The first page', answer: listAnswer(shown) } },
  createFeed: {
    some: {
      summary: 'Of some policies',
      body,
      answer: {
        status: 201,
        body: {
          ...body,
          tags: null,
          id: '0f3a9c52d7e41b68',
          createdAt: EXAMPLES_AT,
          createdBy: EXAMPLES_ACTOR,
          url: `http://127.0.0.1:3000/feeds/${TOKEN}.ics`,
        },
      },
    },
    unknown: {
      summary: 'Of a policy that is not there',
      body: { policies: ['nightly'] },
      answer: refusedAnswer('policies.0', 'expected the id of a policy, or a glob, got "nightly"'),
    },
  },
  deleteFeed: { revoked: { summary: 'Revoked', params: { id: FEED.id }, answer: { status: 204 } } },
} satisfies Record<string, Record<string, Example>>
