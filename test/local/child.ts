/** The local run in a process of its own. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const START = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Started {
  child: ChildProcess
  /** Waits until something was printed, and returns all that was so far. */
  said(pattern: RegExp): Promise<string>
  /** Everything that was printed, and how it ended. */
  ended: Promise<{ text: string; code: number | null; signal: NodeJS.Signals | null }>
}

/** Whoever starts it ends it. */
export const startLocal = (args: string[], env: Record<string, string> = {}): Started =>
  watchOutput(spawn(process.execPath, [START, ...args], inherited(env)))

/** The same as people start it: through npm. */
export const startByNpm = (args: string[]): Started =>
  watchOutput(spawn('npm', ['start', '--', ...args], inherited({})))

const inherited = (env: Record<string, string>): SpawnOptions => ({
  cwd: ROOT,
  env: { ...process.env, ...env },
  stdio: ['ignore', 'pipe', 'pipe'],
})

function watchOutput(child: ChildProcess): Started {
  let text = ''
  const look = new EventTarget()
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', part => {
      text += part
      look.dispatchEvent(new Event('said'))
    })
  const ended = once(child, 'close').then(([code, signal]) => ({ text, code, signal }))
  return {
    child,
    ended,
    said: async pattern => {
      while (!pattern.test(text)) {
        const over = ended.then(() => {
          if (!pattern.test(text)) throw new Error(`It ended without saying ${pattern}:\n${text}`)
        })
        await Promise.race([once(look, 'said'), over])
      }
      return text
    },
  }
}
