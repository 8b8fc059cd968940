import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFolder } from '../../infra/local/folder.ts'
import { aFolder } from './children.ts'
import { started, startedByNpm } from './started.ts'

const MOST_MS = 10_000
const MOMENTS: [string, RegExp][] = [
  ['before anything is up', /> exec node/],
  ['while the sample is set up', /Curfew is up/],
  ['during the first run', /A manual run of policy/],
  ['when all is shown', /Ticking each minute/],
]
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

test.for(MOMENTS.flatMap(moment => SIGNALS.map(signal => [signal, ...moment] as const)))(
  '%s to npm %s ends the whole start in ten seconds and frees the data folder',
  async ([signal, , moment]) => {
    const path = join(await aFolder(), 'data')
    const running = startedByNpm(['--port', '0', '--data', path])
    await running.said(moment)
    const sentAt = performance.now()
    running.child.kill(signal)
    // Its output is closed once no process of it is left, whoever was its parent.
    await running.ended
    expect(performance.now() - sentAt).toBeLessThan(MOST_MS)
    openFolder({ path }).close()
  },
)

test('a start ended by SIGTERM ends with 0, and says nothing of what comes next', async () => {
  const running = started(['--port', '0', '--data', join(await aFolder(), 'data')])
  await running.said(/A manual run of policy/)
  running.child.kill('SIGTERM')
  const { text, code } = await running.ended
  expect(text).not.toContain('Ticking each minute')
  expect(code).toBe(0)
})

test('the interrupt that a terminal and npm both pass on counts once', async () => {
  const running = started(['--no-simulator', '--port', '0', '--data', join(await aFolder(), 'data')])
  await running.said(/Ticking each minute/)
  running.child.kill('SIGINT')
  await running.said(/Stopping/)
  running.child.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
})
