/** moto, an AWS that others wrote, as a server of its own on a free loopback port. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

export interface Moto {
  endpoint: string
  /** Lines that it wrote: a call that it does not know leaves a trace there. */
  lines: string[]
  close(): Promise<void>
}

/** `MOTO_SERVER`, else the one in `.build/moto`, else the one on the path. */
function executable(): string {
  const { MOTO_SERVER, PATH = '' } = process.env
  const onPath = PATH.split(delimiter).map(folder => join(folder, 'moto_server'))
  const candidates = MOTO_SERVER ? [MOTO_SERVER] : [join(ROOT, '.build/moto/bin/moto_server'), ...onPath]
  const found = candidates.find(existsSync)
  if (found !== undefined) return found
  throw new Error(
    MOTO_SERVER
      ? `expected MOTO_SERVER to name a moto_server, got ${MOTO_SERVER}`
      : "moto is not installed: python3 -m venv .build/moto && .build/moto/bin/pip install 'moto[server]==5.2.5' " +
          '(Python 3.10 or newer), or name a moto_server in MOTO_SERVER',
  )
}

export async function startMoto(): Promise<Moto> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-moto-'))
  const child = spawn(executable(), ['-H', '127.0.0.1', '-p', '0'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  const lines: string[] = []
  const endpoint = new Promise<string>((resolve, reject) => {
    const read = (text: string) => {
      lines.push(...text.split('\n'))
      const [, address] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? []
      if (address) resolve(address)
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read)
    ended.then(([code]) => reject(new Error(`moto ended with ${code}:\n${lines.join('\n')}`)), reject)
  })
  const close = async () => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  }
  return { endpoint: await endpoint, lines, close }
}
