/** What the gateway answers by itself: problem documents, as the function's own. */
import { type IncomingHttpHeaders, maxHeaderSize, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { quoteValue } from '../../../lib/core/documents/problem.ts'
import { problemBody } from '../../../lib/http/problem.ts'
import { Problem } from '../problem.ts'

const HEADERS = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }

export interface GatewayAnswer {
  statusCode: number
  headers: Record<string, string | number | boolean>
  cookies: string[]
  body: string
  isBase64Encoded: boolean
}

export const gatewayProblem = (
  status: number,
  detail: string,
  headers: Record<string, string> = {},
): GatewayAnswer => ({
  statusCode: status,
  headers: { ...HEADERS, ...headers },
  cookies: [],
  body: JSON.stringify(problemBody({ status, detail })),
  isBase64Encoded: false,
})

export function foreignProblem({ host = '', origin }: IncomingHttpHeaders, publicUrl: URL | null) {
  const from = origin === undefined ? '' : ` and Origin ${quoteValue(origin)}`
  const [whom, expected] =
    publicUrl === null
      ? ['this machine alone', '127.0.0.1, localhost or [::1]']
      : ['under its public URL alone', publicUrl.host]
  return gatewayProblem(
    403,
    `this service answers ${whom}: expected Host ${expected}, and no Origin of another site, ` +
      `got Host ${quoteValue(host)}${from}`,
  )
}

const UNREADABLE: Record<string, { status: number; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    detail: `expected an address and headers of at most ${maxHeaderSize} bytes together, got more`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'expected the whole request in time, got a part of it' },
}

/** A request that cannot be read has no response to write to. */
export function refuseUnreadable({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return
  const { status, detail } = UNREADABLE[code] ?? {
    status: 400,
    detail: `expected an HTTP request, got ${code}`,
  }
  const { body, headers } = gatewayProblem(status, detail)
  const all = { ...headers, connection: 'close', 'content-length': Buffer.byteLength(body) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}

/** Why the gateway cannot listen where it was told to. */
export function portProblem(where: string, error: Error): Error {
  const code = 'code' in error ? error.code : ''
  const advice = 'Choose another with --port N, or a free one with --port 0.'
  if (code === 'EADDRINUSE')
    return new Problem(`${where.replace('port', 'Port')} is in use. ${advice}`, { cause: error })
  if (code === 'EACCES')
    return new Problem(`This user may not listen on ${where}. ${advice}`, { cause: error })
  if (code === 'EADDRNOTAVAIL')
    return new Problem(`This machine has no such address: ${where}. Expected one of its own in --listen.`, {
      cause: error,
    })
  return error
}
