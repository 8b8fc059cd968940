import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createApi } from '../../infra/local/api.ts'
import { watched } from '../../infra/local/progress.ts'
import { createScreen } from '../../infra/local/screen.ts'
import { aFolder } from './children.ts'

const START = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url))

interface Started {
  child: ChildProcess
  /** Waits until something was printed, and returns all that was so far. */
  said(pattern: RegExp): Promise<string>
  /** Everything that was printed, and how it ended. */
  ended: Promise<{ text: string; code: number | null }>
}

function started(args: string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [START, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  const look = new EventTarget()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', part => {
      text += part
      look.dispatchEvent(new Event('said'))
    })
  const ended = once(child, 'close').then(([code]) => ({ text, code }))
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

const url = (text: string): string => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? 'nowhere'

/** The rows of the table of outcomes, by status and code. */
function counts(text: string): Record<string, number> {
  const rows = text.matchAll(/^ {2}(matched|stopped|failed|unconfirmed|skipped) +([a-z-]+ +)?([\d,]+)$/gm)
  return Object.fromEntries(
    [...rows].map(([, status, code = '', number = '']) => [
      `${status} ${code}`.trim(),
      Number(number.replaceAll(',', '')),
    ]),
  )
}

/** What a manual run of a policy ends as. */
async function ending(base: string, policyId: string) {
  const api = createApi(base)
  const { id } = await api.createRun(policyId)
  const screen = createScreen({ out: new PassThrough(), env: {} })
  return watched({ api, screen, runId: id, ended: new AbortController().signal })
}

test('a first start makes a run, shows it and what came of it; a second finds all of it again', async () => {
  const folder = await aFolder()
  const first = await started(['--once', '--port', '0', '--data', folder]).ended
  expect(first.text).toMatch(/3 of 3 chunks sent/)
  expect(first.text).toMatch(/^Run manual\.\S+: partial in \d/m)
  const { matched, ...rows } = counts(first.text)
  expect(Object.values(rows).reduce((sum, row) => sum + row)).toBe(matched)
  expect(rows).toMatchObject({
    'failed job-failed': 3,
    'stopped stopped': expect.toSatisfy(row => row > 2000),
  })
  expect(Object.keys(rows)).toEqual(
    expect.arrayContaining(['protected', 'locked', 'frozen', 'busy'].map(code => `skipped ${code}`)),
  )
  expect(first.code).toBe(0)

  const second = started(['--port', '0', '--data', folder])
  const text = await second.said(/Ticking each minute/)
  expect(text).toMatch(/found +1 connection, 3 policies, 1 run, the latest manual\.\S+: partial/)
  expect(text).toMatch(/nightly-dev +20\d\d-\d\d-\d\d 20:00 \+08:00 Asia\/Shanghai/)
  expect(await ending(url(text), 'lab-metal')).toMatchObject({
    status: 'succeeded',
    summary: { stopped: 15 },
  })

  const third = await started(['--port', '0', '--data', folder]).ended
  expect(third.text).toContain(`The data folder ${folder} is in use by process ${second.child.pid}.`)
  expect(third.code).toBe(1)
  second.child.kill('SIGINT')
  expect((await second.ended).code).toBe(0)
})

test('for real connections there is neither sample nor simulated cloud', async () => {
  const folder = join(await aFolder(), 'data')
  const running = started(['--no-simulator', '--port', '0', '--data', folder])
  const text = await running.said(/Ticking each minute/)
  expect(text).toContain('no simulated one')
  const health = await fetch(`${url(text)}/v1/health`)
  expect(health.status).toBe(200)
  expect(await (await fetch(`${url(text)}/v1/policies`)).json()).toMatchObject({ items: [] })
  running.child.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)
  const sample = await started(['--once', '--port', '0', '--data', folder]).ended
  expect(sample.text).toContain(`${folder} was made with --no-simulator`)
  expect(sample.code).toBe(2)
})

test('a wrong flag ends the start with a message and 2', async () => {
  const { text, code } = await started(['--prot', '1']).ended
  expect(text).toMatch(/^Unknown flag --prot: expected one of --once/)
  expect(code).toBe(2)
})

test('a wrong variable ends the start with its name, what was expected and what came', async () => {
  const env = { CLOUD_TIMEOUT_MS: 'soon' }
  const { text, code } = await started(['--port', '0', '--data', await aFolder()], env).ended
  expect(text).toMatch(/CLOUD_TIMEOUT_MS: .*expected.* got "soon"/)
  expect(code).toBe(2)
})
