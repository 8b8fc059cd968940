/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer, refusedAnswer } from '../../examples/answers.ts'
import { CHANNEL, CHANNEL_BODY, CHANNEL_CREATED, CHANNEL_UNSET } from '../../examples/documents.ts'
import type { Example } from '../../route.ts'

const channel = { id: CHANNEL.id }

export const CHANNEL_EXAMPLES = {
  channels: {
    first: { summary: 'The first page', query: { limit: '100' }, answer: listAnswer(CHANNEL, CHANNEL_UNSET) },
  },
  channel: { found: { summary: 'One that is there', params: channel, answer: okAnswer(CHANNEL) } },
  saveChannel: {
    create: {
      summary: 'A new one',
      params: { id: CHANNEL_CREATED.id },
      body: { ...CHANNEL_BODY, type: 'slack', language: 'en' },
      answer: { status: 201, body: CHANNEL_CREATED },
    },
    foreign: {
      summary: 'A secret that Curfew may not read',
      params: channel,
      body: { ...CHANNEL_BODY, credentials: { source: 'secretsManager', name: 'prod/database' } },
      answer: refusedAnswer(
        'credentials.name',
        'expected a name that begins with "curfew/" (SECRETS_PREFIX), got "prod/database"',
      ),
    },
  },
  testChannel: {
    refused: {
      summary: 'One whose secret is not there',
      params: { id: CHANNEL_UNSET.id },
      answer: okAnswer({
        ok: false,
        reason: 'expected its URL in UNSET_CHANNEL_URL, and there is none',
      }),
    },
  },
  deleteChannel: {
    unused: { summary: 'One that no policy names', params: channel, answer: { status: 204 } },
  },
} satisfies Record<string, Record<string, Example>>
