import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openFolder } from '../../infra/local/folder.ts'
import { aFolder } from './children.ts'
import { started, startedByNpm } from './started.ts'

// Whole starts, several at once: a slow machine needs minutes.
vi.setConfig({ testTimeout: 300_000 })

const MOST_MS = 10_000
const MOMENTS: { when: string; said?: RegExp; signal: NodeJS.Signals; flags?: string[] }[] = [
  { when: 'before anything is up', signal: 'SIGTERM' },
  { when: 'before anything is up', signal: 'SIGINT' },
  { when: 'while the sample is set up', said: /Curfew is up/, signal: 'SIGINT' },
  { when: 'during the first run', said: /A manual run of policy/, signal: 'SIGTERM' },
  { when: 'when all is up', said: /Ticking each minute/, signal: 'SIGTERM', flags: ['--no-simulator'] },
]

test.for(MOMENTS)(
  '$signal to npm $when ends the whole start in ten seconds and frees the data folder',
  async ({ said, signal, flags = [] }) => {
    const path = join(await aFolder(), 'data')
    const running = startedByNpm([...flags, '--port', '0', '--data', path])
    // npm names the command before it can pass a signal on: one sent right then ends npm alone.
    if (said === undefined) await expect.poll(() => existsSync(path), { interval: 1 }).toBe(true)
    else await running.said(said)
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

test('a reader of its output that has enough ends nothing', async () => {
  const running = started(['--port', '0', '--data', join(await aFolder(), 'data')])
  const text = await running.said(/A manual run of policy/)
  running.child.stdout?.destroy()
  const runs = `${/http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]}/v1/runs`
  await expect.poll(async () => (await fetch(runs)).text()).toMatch(/"status":"partial"/)
  running.child.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)
})
