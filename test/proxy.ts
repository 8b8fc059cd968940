/** A proxy on a free loopback port that leads every tunnel to one receiver, whatever it was asked for. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { onTestFinished } from 'vitest'

export interface TestProxy {
  /** Without a user. */
  url: string
  /** What tunnels were asked for, and by whom: `host:port`, and the user and password where they came. */
  tunnels: { target: string; user: string | null }[]
}

/** With a `refusal`, no tunnel is made, and that is the answer. */
export async function startProxy(leadsTo: number, refusal?: string): Promise<TestProxy> {
  const tunnels: TestProxy['tunnels'] = []
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', ({ url = '', headers }, near) => {
    const [, coded = null] = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? []
    tunnels.push({ target: url, user: coded && Buffer.from(coded, 'base64').toString() })
    near.on('error', () => undefined)
    if (refusal !== undefined) return void near.end(`HTTP/1.1 ${refusal}\r\n\r\n`)
    const far = connect(leadsTo, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      near.pipe(far).pipe(near)
    })
    far.on('error', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels }
}
