/** Programs in Python that speak to the simulated cloud with libraries that others wrote. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const PYTHON = join(import.meta.dirname, '../../.build/peers/bin/python')

interface Peer {
  args?: string[]
  variables?: NodeJS.ProcessEnv
  /** What it reads on standard input. */
  input?: string
}

/** What a program of this folder prints, run in an empty home: these libraries read and write there. */
export async function runPeer(program: string, { args = [], variables, input = '' }: Peer) {
  if (!existsSync(PYTHON))
    throw new Error(
      'The peers are not installed: python3 -m venv .build/peers && ' +
        '.build/peers/bin/pip install -r test/peers/requirements.txt (Python 3.11 or newer)',
    )
  const home = await mkdtemp(join(tmpdir(), 'curfew-peers-'))
  const env = { PATH: process.env.PATH, HOME: home, PYTHONDONTWRITEBYTECODE: '1', ...variables }
  try {
    const options = { cwd: home, env, maxBuffer: 1 << 26, timeout: 120_000 }
    const running = promisify(execFile)(PYTHON, [join(import.meta.dirname, program), ...args], options)
    running.child.stdin?.end(input)
    return await running
  } finally {
    await rm(home, { recursive: true })
  }
}
