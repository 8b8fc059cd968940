/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer, problemAnswer } from '../../examples/answers.ts'
import {
  CONNECTION,
  CONNECTION_BODY,
  CONNECTION_CREATED,
  CONNECTION_DISABLED,
} from '../../examples/documents.ts'
import type { Example } from '../../route.ts'

const connection = { id: CONNECTION.id }

export const CONNECTION_EXAMPLES = {
  connections: {
    first: { summary: 'The first page', query: { limit: '100' }, answer: listAnswer(CONNECTION) },
  },
  connection: {
    found: { summary: 'One that is there', params: connection, answer: okAnswer(CONNECTION) },
    missing: {
      summary: 'One that is not',
      params: { id: 'nowhere' },
      answer: problemAnswer(404, 'Not Found', {
        detail: 'there is no connection nowhere',
        errors: [{ path: 'id', message: 'expected the id of a connection, got "nowhere"' }],
      }),
    },
  },
  saveConnection: {
    create: {
      summary: 'A new one',
      params: { id: CONNECTION_CREATED.id },
      body: { ...CONNECTION_BODY, region: 'eu-west-101' },
      answer: { status: 201, body: CONNECTION_CREATED },
    },
    disable: {
      summary: 'Stop nothing of it any more, unless it was changed meanwhile',
      params: connection,
      headers: { 'if-match': '"1"' },
      body: { ...CONNECTION_BODY, enabled: false },
      answer: okAnswer(CONNECTION_DISABLED),
    },
  },
  deleteConnection: {
    used: {
      summary: 'One that is in use',
      params: connection,
      answer: problemAnswer(409, 'Conflict', {
        detail: `connection ${CONNECTION.id} is in use, by policies such as nightly-dev: change or delete those first`,
      }),
    },
  },
  checkConnection: {
    reached: {
      summary: 'One that works',
      params: connection,
      answer: okAnswer({ ok: true, servers: { ecs: 3, bms: 0 }, warnings: [] }),
    },
  },
} satisfies Record<string, Record<string, Example>>
