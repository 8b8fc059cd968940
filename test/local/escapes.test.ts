import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { createApi } from '../../infra/local/screen/api.ts'
import { nextDue, report } from '../../infra/local/screen/report.ts'
import { createScreen } from '../../infra/local/screen/screen.ts'
import { runEnded } from '../../lib/core/notify/events.ts'
import { webhookBody } from '../../lib/core/notify/webhook.ts'
import { aRun, at, START } from '../makers.ts'

/** Clears the screen, sets the title, colours by an 8-bit control, turns the direction of the text. */
const EVIL = 'x\u001b[2J\u001b]0;owned\u0007\u009b31m\u202ey'
const ACTS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

/** Answers everything with one document. */
async function apiOf(document: object) {
  const server = createServer((_, response) => response.end(JSON.stringify(document)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return createApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

const screen = createScreen({ out: new PassThrough(), env: {} })

test('the screen prints what a policy is described with, and acts on none of it', async () => {
  const policy = {
    id: 'p',
    description: EVIL,
    enabled: true,
    schedule: { timeZone: 'UTC' },
    nextDueAt: at(START),
    nextStopAt: at(START),
    nextStartAt: null,
    snoozedUntil: null,
  }
  const { items } = await (await apiOf({ items: [policy], nextCursor: null })).policies()
  const lines = nextDue(items, screen)
  expect(lines.join('')).toContain('x\\u001b[2J')
  for (const line of lines) expect(line).not.toMatch(ACTS)
})

test('the same holds for the names and reasons of servers, and for the reason of a run', async () => {
  const outcome = (status: string) => ({
    serverId: 's',
    name: EVIL,
    status,
    code: 'busy',
    reason: EVIL,
    endedAt: at(START),
  })
  const items = ['failed', 'skipped', 'stopped'].map(outcome)
  const outcomes = await (await apiOf({ items, nextCursor: null })).outcomes('r')
  const run = await (await apiOf(aRun({ status: 'failed', reason: EVIL }))).run('r')
  const lines = report({ run, outcomes, screen })
  expect(lines.join('')).toContain('x\\u001b[2J')
  for (const line of lines) expect(line).not.toMatch(ACTS)
})

test('the text of a webhook holds none of it', () => {
  const run = aRun({ status: 'failed', reason: EVIL, endedAt: at(START) })
  expect(webhookBody(runEnded(run, 'curfew')).text).not.toMatch(ACTS)
})

/** All that a program prints. */
const printedBy = (args: string[]): Promise<string> =>
  new Promise(resolve => execFile(process.execPath, args, (_, out, errors) => resolve(out + errors)))

test('a line of the log holds none of it', async () => {
  const program = `import { createLog } from './lib/runtime/log.ts'
    const evil = ${JSON.stringify(EVIL)}
    createLog('info').info(evil, { name: evil, nested: { reason: evil } })`
  const said = await printedBy(['--input-type=module', '--eval', program])
  expect(said).toContain('x\\\\u001b[2J')
  for (const line of said.split('\n')) expect(line).not.toMatch(ACTS)
})

test('the command prints a field of a file that it does not know, and acts on none of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'policies.yml')
  await writeFile(file, JSON.stringify({ id: EVIL, [EVIL]: EVIL }))
  const said = await printedBy(['cli/policies.ts', 'diff', file])
  expect(said).toContain('x\\u001b[2J')
  for (const line of said.split('\n')) expect(line).not.toMatch(ACTS)
})
