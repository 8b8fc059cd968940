/** The pretended cloud in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Settings } from '../cloud/settings.ts'
import type { Seen } from '../cloud/state.ts'
import { SERVING } from './machine.ts'

export interface Cloud {
  url: string
  reset(changes?: Partial<Settings>): Promise<void>
  seen(): Promise<Seen>
  end(): void
}

export async function startCloud(settings: Partial<Settings>): Promise<Cloud> {
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}=${value}`])
  const [command = '', ...words] = [...SERVING, process.execPath, 'bench/cloud/start.ts', ...flags]
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { url } = JSON.parse(line.toString()) as { url: string }
  return {
    url,
    async reset(changes = {}) {
      const query = new URLSearchParams(
        Object.entries(changes).map(([name, value]) => [name, String(value)] as [string, string]),
      )
      await (await fetch(`${url}/_reset?${query}`, { method: 'POST' })).text()
    },
    seen: async () => (await (await fetch(`${url}/_seen`)).json()) as Seen,
    end: () => child.stdin.end(),
  }
}
