import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { typed } from '../cli/terminal.ts'
import { policyBody } from '../http/world.ts'
import { aFolder } from './children.ts'
import { answerOf } from './ports.ts'
import { started } from './started.ts'

/** Every text that a process leaves behind in a folder. */
async function textsIn(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter(one => one.isFile()).map(one => join(one.parentPath, one.name))
  return (await Promise.all(files.map(file => readFile(file, 'latin1')))).join('\n')
}

test('a Curfew that listens knows its callers by their tokens, hears of changes, and keeps no token', async () => {
  const [folder, file] = [await aFolder(), join(await aFolder(), 'tokens')]
  const tokenFor = async (name: string, role: string) =>
    (await typed(['token', name, '--role', role, '--tokens', file])).out
  const ada = await tokenFor('ada', 'admin')
  const running = started(['--no-simulator', '--listen', '127.0.0.1:0', '--tokens', file, '--data', folder], {
    PUBLIC_URL: 'https://curfew.example',
    LOG_LEVEL: 'debug',
  })
  const text = await running.said(/Ticking each minute/)
  expect(text).toMatch(/console +https:\/\/curfew\.example\/$/m)
  expect(text).toContain(`requests bear a token of ${file}, which has 1`)
  const port = Number(/HTTP +http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1])
  const ask = (token: string, path: string, method = 'GET', body?: object) => {
    const headers = {
      host: 'curfew.example',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    }
    return answerOf(port, { method, path, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  }

  const body = { stopsEnabled: false }
  expect((await ask(ada, '/v1/settings', 'PUT', body)).status).toBe(200)
  expect(JSON.parse((await ask(ada, '/v1/settings/changes')).text).items[0]).toMatchObject({ actor: 'ada' })
  const bob = await tokenFor('bob', 'read')
  expect((await ask(bob, '/v1/settings')).status).toBe(200)
  const refused = await ask(bob, '/v1/settings', 'PUT', body)
  expect([refused.status, refused.text]).toEqual([
    403,
    expect.stringContaining('needs the role admin, got read'),
  ])
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^ada.*\n/m, ''))
  expect((await ask(ada, '/v1/settings')).status).toBe(401)
  await appendFile(file, 'eve admin\n')
  expect((await ask(bob, '/v1/policies/x', 'PUT', policyBody({}))).status).toBe(403)
  await running.said(/tokens: line 2: expected a name, a role and a SHA-256/)

  running.child.kill('SIGTERM')
  const { code, text: all } = await running.ended
  expect(code).toBe(0)
  for (const token of [ada, bob]) expect(`${all}${await textsIn(folder)}`).not.toContain(token)
})
