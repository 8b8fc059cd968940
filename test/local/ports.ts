import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { request } from 'node:http'

/** Column of `/proc/net/tcp`: a socket that listens. */
const LISTENING = '0A'

function inodes(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`
  const links = readdirSync(folder).map(fd => {
    try {
      return readlinkSync(`${folder}/${fd}`)
    } catch {
      return ''
    }
  })
  return new Set(links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

/** Every TCP address that a process listens on, as Linux tells it: such as `0100007F:0BB8`. */
export function listening(pid: number): { address: string; port: number }[] {
  const own = inodes(pid)
  return ['tcp', 'tcp6'].flatMap(table =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap(line => {
        const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
        const [address = '', port = ''] = local.split(':')
        return state === LISTENING && own.has(inode) ? [{ address, port: Number.parseInt(port, 16) }] : []
      }),
  )
}

export interface Sent {
  address?: string
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
}

/** As `fetch`, which would not let a test choose the host. */
export function answerOf(
  port: number,
  { address = '127.0.0.1', method = 'GET', path = '/', headers = {}, body }: Sent,
) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      request({ host: address, port, method, path, headers }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', part => (text += part))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      })
        .on('error', reject)
        .end(body)
    },
  )
}
