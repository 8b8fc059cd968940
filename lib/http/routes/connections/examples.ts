/** Requests of these routes as they may be sent, with the answers they get, by operation. */
import { listAnswer, okAnswer, problemAnswer } from '../../examples/answers.ts'
import {
  CONNECTION,
  CONNECTION_AGENCY,
  CONNECTION_AGENCY_BODY,
  CONNECTION_BODY,
  CONNECTION_CREATED,
  CONNECTION_DISABLED,
  CONNECTION_DISCOVERED,
  CONNECTION_KNOWN,
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
    agency: {
      summary: 'One of another account, by its agency',
      params: { id: CONNECTION_AGENCY.id },
      body: CONNECTION_AGENCY_BODY,
      answer: { status: 201, body: CONNECTION_AGENCY },
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
      answer: okAnswer({
        ok: true,
        servers: { ecs: 3, bms: 0 },
        warnings: [],
        account: {
          id: 'd78cbac186b744899480f25bd022f468',
          name: null,
          caller: 'iam::d78cbac186b744899480f25bd022f468:user:curfew',
        },
      }),
    },
  },
  discoverConnections: {
    everywhere: {
      summary: 'In every region',
      body: { api: 'huaweicloud', credentials: { source: 'environment', name: 'PROD_' } },
      answer: okAnswer({
        ok: true,
        items: [
          {
            region: 'cn-east-3',
            projectId: CONNECTION_DISCOVERED.projectId,
            projectName: 'cn-east-3_dev',
            existing: null,
            connection: CONNECTION_DISCOVERED,
          },
          {
            region: CONNECTION.region,
            projectId: CONNECTION.projectId,
            projectName: 'cn-north-4',
            existing: CONNECTION.id,
            connection: CONNECTION_KNOWN,
          },
        ],
        leftOut: [
          {
            projectId: '0123456789abcdef0123456789abcde4',
            projectName: 'cn-east-3_old',
            reason: 'it is disabled',
          },
        ],
      }),
    },
    keyless: {
      summary: 'Without a key',
      body: { api: 'huaweicloud', credentials: { source: 'environment', name: 'LAB_' } },
      answer: okAnswer({
        ok: false,
        reason:
          'Connection discover: its secret (environment "LAB_"): LAB_HUAWEICLOUD_SDK_AK: expected a text, and there is none; LAB_HUAWEICLOUD_SDK_SK: expected a text, and there is none. The variables are LAB_HUAWEICLOUD_SDK_AK, LAB_HUAWEICLOUD_SDK_SK, and LAB_HUAWEICLOUD_SDK_SECURITY_TOKEN for a temporary key; they are read when Curfew starts. Check the key or token of the connection, and what it may do; it is not tried again by itself.',
      }),
    },
  },
} satisfies Record<string, Record<string, Example>>
