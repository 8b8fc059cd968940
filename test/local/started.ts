import { once } from 'node:events'
import { afterAll } from 'vitest'
import { type Started, startByNpm, startLocal } from './child.ts'

const runs: Started[] = []
afterAll(async () => {
  for (const { child } of runs.filter(
    ({ child: { exitCode, signalCode } }) => exitCode === null && signalCode === null,
  )) {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
})

function endedWithTheFile(run: Started): Started {
  runs.push(run)
  return run
}

/** The local run in a process of its own, which ends with the test file at the latest. */
export const started = (args: string[], env: Record<string, string> = {}): Started =>
  endedWithTheFile(startLocal(args, env))

/** The same as people start it: through npm. */
export const startedByNpm = (args: string[]): Started => endedWithTheFile(startByNpm(args))
