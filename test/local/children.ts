import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A folder of this test alone, gone with it. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A program of `programs/` in a process of its own, once it has said `least` characters. */
export async function aProcess(program: string, argument: string, least = 1): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(`programs/${program}.ts`, import.meta.url))
  const child = spawn(process.execPath, [path, argument], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = 0
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    said += part.length
    if (said >= least) break
  }
  child.stdout.resume()
  return child
}

export async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
