/** The steps of the Containerfile in a plain folder, where no engine is: as another user, who may write nothing of it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { typed } from '../cli/terminal.ts'
import { aFolder } from '../local/children.ts'
import { containerStages, restsOf, type Stage, wordsOf } from './containerfile.ts'

const run = promisify(execFile)
const [build, final] = containerStages()
/** `nobody` of Debian. */
const NOBODY = 65_534

async function carryOut({ steps }: Stage, folder: string): Promise<void> {
  for (const { instruction, rest } of steps) {
    if (instruction === 'RUN') await run('sh', ['-c', rest], { cwd: folder })
    if (instruction !== 'COPY') continue
    const [to = '', ...from] = rest.split(' ').reverse()
    for (const one of from) {
      const target = join(folder, to.endsWith('./') ? one : to)
      await mkdir(dirname(target), { recursive: true })
      await cp(one, target, { recursive: true })
    }
  }
}

/** The port that a process says it listens on. */
async function portOf(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of child.stdout!.iterator({ destroyOnReturn: false })) {
    text += part
    const [, port] = /HTTP +http:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? []
    if (port !== undefined && text.includes('Ticking each minute')) return port
  }
  throw new Error(`it ended: ${text}`)
}

test('the steps make a Curfew that runs as another user, is well, and ends when asked to', async () => {
  const [app, data, etc] = [await aFolder(), await aFolder(), await aFolder()]
  await carryOut(build!, app)
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if (user.uid !== undefined) await chown(data, NOBODY, NOBODY)
  // The folder of all tests is its owner's alone.
  await Promise.all([app, etc, dirname(app)].map(folder => chmod(folder, 0o755)))
  const tokens = join(etc, 'tokens')
  await writeFile(tokens, '', { mode: 0o644 })
  const { out: token } = await typed(['token', 'ada', '--role', 'admin', '--tokens', tokens])
  const [command = '', ...entry] = wordsOf(restsOf(final!, 'ENTRYPOINT')[0])
  const args = wordsOf(restsOf(final!, 'CMD')[0]).map(
    word =>
      ({ '0.0.0.0:3000': '0.0.0.0:0', '/etc/curfew/tokens': tokens, '/var/lib/curfew': data })[word] ?? word,
  )
  const child = spawn(join(app, command), [...entry, ...args], {
    cwd: app,
    ...user,
    env: { PATH: '/usr/bin:/bin', PUBLIC_URL: 'https://curfew.example' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stderr.pipe(process.stderr)
  const port = await portOf(child)
  child.stdout.resume()

  const [node = '', ...health] = wordsOf(restsOf(final!, 'HEALTHCHECK')[0])
  await run(join(app, node), [...health, port], { cwd: app })
  const headers = { authorization: `Bearer ${token}` }
  expect((await fetch(`http://127.0.0.1:${port}/v1/policies`, { headers })).status).toBe(200)
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text()
  expect(page).toContain('<title>')
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
  await expect(run(join(app, node), [...health, port], { cwd: app })).rejects.toMatchObject({ code: 1 })
})
