/** Routes that only the local run has: what AWS does with tools of its own. */
import type { IncomingMessage } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { type Caller, type Role, refuseWithoutRole } from '../../../lib/http/access/role.ts'
import { HttpProblem } from '../../../lib/http/problem.ts'
import { backupLines } from '../backup/format.ts'
import type { Queues } from '../emulators/queues.ts'
import type { Table } from '../emulators/table.ts'
import type { FolderState } from '../folder.ts'
import type { MetricsPage } from '../metrics/page.ts'
import { type GatewayAnswer, gatewayProblem } from './gateway-problems.ts'

/** A stream for what may be of any length. */
export type LocalAnswer = GatewayAnswer | { stream: Readable; contentType: string }
export interface LocalRoute {
  method: 'GET' | 'POST'
  path: string
  needs: Role
  run(): LocalAnswer | Promise<LocalAnswer>
}

interface Parts {
  metrics: MetricsPage
  table: Pick<Table, 'rows'>
  queues: Pick<Queues, 'deadLetters' | 'redrive'>
  state: FolderState
}

const textOf = (body: string, contentType: string): GatewayAnswer => ({
  statusCode: 200,
  headers: { 'content-type': contentType, 'cache-control': 'no-store' },
  cookies: [],
  body,
  isBase64Encoded: false,
})
const jsonOf = (body: unknown): GatewayAnswer => textOf(JSON.stringify(body), 'application/json')

/** Its reader hears of an error, and the lines are closed where it leaves early. */
const gzipped = (lines: AsyncIterable<string>): Readable =>
  pipeline(Readable.from(lines), createGzip(), () => undefined)

export const createLocalRoutes = ({ metrics, table, queues, state }: Parts): LocalRoute[] => [
  {
    method: 'GET',
    path: '/metrics',
    needs: 'read',
    run: async () => textOf(await metrics.text(), metrics.contentType),
  },
  {
    method: 'GET',
    path: '/v1/local/backup',
    needs: 'admin',
    run: () => ({
      contentType: 'application/gzip',
      stream: gzipped(backupLines({ rows: table.rows(), state, madeAt: new Date() })),
    }),
  },
  {
    method: 'GET',
    path: '/v1/local/dead-letters',
    needs: 'read',
    run: () => jsonOf({ items: queues.deadLetters(), nextCursor: null }),
  },
  {
    method: 'POST',
    path: '/v1/local/dead-letters/send-again',
    needs: 'operate',
    run: async () => jsonOf({ sentAgain: await queues.redrive() }),
  },
]

/** The answer of the local route that a request names; `null`: it names none. */
export function localAnswer(
  routes: LocalRoute[],
  { method, url = '/' }: IncomingMessage,
  caller: Caller,
): LocalAnswer | Promise<LocalAnswer> | null {
  const route = routes.find(one => one.path === url && one.method === method)
  if (route === undefined) return null
  try {
    refuseWithoutRole(caller, route.needs)
    return route.run()
  } catch (error) {
    if (error instanceof HttpProblem) return gatewayProblem(error.details.status, error.details.detail)
    throw error
  }
}
