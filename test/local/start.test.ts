import { exec } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { createApi } from '../../infra/local/screen/api.ts'
import { watched } from '../../infra/local/screen/progress.ts'
import { createScreen } from '../../infra/local/screen/screen.ts'
import { connectionBody } from '../http/world.ts'
import { aPolicyBody } from '../makers.ts'
import { started } from './started.ts'

// Whole starts, several at once: a slow machine needs minutes.
vi.setConfig({ testTimeout: 300_000 })

const root = await mkdtemp(join(tmpdir(), 'curfew-'))
afterAll(() => rm(root, { recursive: true, force: true }))

/** A request with the token of the data folder. */
async function asked(
  running: { folder: string; text: string },
  path: string,
  init: { method?: string; body?: object } = {},
) {
  const token = await readFile(join(running.folder, 'token'), 'utf8')
  return fetch(`${url(running.text)}/v1/${path}`, {
    method: init.method ?? 'GET',
    headers: { ...JSON_TYPE, authorization: `Bearer ${token}` },
    ...(init.body ? { body: JSON.stringify(init.body) } : {}),
  })
}

const url = (text: string): string => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? 'nowhere'

/** The rows of the table of outcomes, by status and code. */
function counts(text: string): Record<string, number> {
  const rows = text.matchAll(
    /^ {2}(matched|stopped|started|failed|unconfirmed|skipped) +([a-z-]+ +)?([\d,]+)$/gm,
  )
  return Object.fromEntries(
    [...rows].map(([, status, code = '', number = '']) => [
      `${status} ${code}`.trim(),
      Number(number.replaceAll(',', '')),
    ]),
  )
}

const JSON_TYPE = { 'content-type': 'application/json' }
const putJson = (address: string, body: object) =>
  fetch(address, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(body) })

/** What a dry run of a policy ends as. */
async function dryRun(base: string, policyId: string) {
  const body = JSON.stringify({ policyId, dryRun: true })
  const headers = { 'content-type': 'application/json' }
  const { id } = z
    .object({ id: z.string() })
    .parse(await (await fetch(`${base}/v1/runs`, { method: 'POST', body, headers })).json())
  const screen = createScreen({ out: new PassThrough(), env: {} })
  return watched({ api: createApi(base), screen, runId: id, ended: new AbortController().signal })
}

test.concurrent('a first start makes a run, shows it and what came of it; a second finds all of it again', async () => {
  const folder = join(root, 'sample')
  const first = await started(['--once', '--port', '0', '--data', folder]).ended
  expect(first.text).toMatch(/sample +one connection \(api huaweicloud\)/)
  expect(first.text).toMatch(/3 of 3 chunks sent/)
  expect(first.text).toMatch(/^Run manual\.\S+: partial in \d/m)
  const { matched, ...rows } = counts(first.text)
  expect(Object.values(rows).reduce((sum, row) => sum + row)).toBe(matched)
  expect(rows).toMatchObject({
    'failed job-failed': 3,
    'skipped in-scaling-group': 3,
    'stopped stopped': expect.toSatisfy(row => row > 2000),
  })
  expect(Object.keys(rows)).toEqual(
    expect.arrayContaining(['protected', 'locked', 'frozen', 'busy'].map(code => `skipped ${code}`)),
  )
  expect(first.code).toBe(0)
  expect(first.text).not.toContain('curl')
  expect(first.text).toContain(
    `To start again what it stopped:  npm start -- --once --undo --data '${folder}' --port 0`,
  )

  const second = started(['--port', '0', '--data', folder])
  const text = await second.said(/Ticking each minute/)
  expect(text).toMatch(/found +1 connection, 3 policies, 1 run, the latest manual\.\S+: partial/)
  expect(text).toMatch(/20\d\d-\d\d-\d\d 20:00 \+08:00 Asia\/Shanghai +nightly-dev/)
  expect(text).toMatch(/^Next starts\n {2}20\d\d-\d\d-\d\d 07:00 \+08:00 Asia\/Shanghai +nightly-dev/m)
  expect(await dryRun(url(text), 'lab-metal')).toMatchObject({
    status: 'succeeded',
    summary: { matched: expect.toSatisfy(matched => matched > 0), stopped: 0 },
  })

  await putJson(`${url(text)}/v1/connections/locked-out`, {
    ...connectionBody({ credentials: { source: 'environment', name: 'NOBODYS_' } }),
  })
  await putJson(`${url(text)}/v1/policies/vain`, aPolicyBody({ id: 'vain', connection: 'locked-out' }))
  const body = JSON.stringify({ policyId: 'vain' })
  await fetch(`${url(text)}/v1/runs`, { method: 'POST', headers: JSON_TYPE, body })
  expect(await second.said(/: failed: .*/)).toMatch(/^\d\d:\d\d:\d\d {2}manual\.\S+: failed: .*NOBODYS_/m)

  const third = await started(['--port', '0', '--data', folder]).ended
  expect(third.text).toContain(`The data folder ${folder} is in use by process ${second.child.pid}.`)
  expect(third.code).toBe(1)
  second.child.kill('SIGINT')
  expect((await second.ended).code).toBe(0)

  const other = await started(['--openstack', '--port', '0', '--data', folder]).ended
  expect(other.text).toContain(`--openstack is for a new data folder, and ${folder} was made without it.`)
  expect(other.code).toBe(2)
})

/** The latest table alone. */
const lastTable = (text: string): string => text.slice(text.lastIndexOf('outcome'))

test.concurrent('a start that goes on prints a request that takes its first run back, once', async () => {
  const folder = join(root, 'undone-by-request')
  const running = started(['--port', '0', '--data', folder])
  const text = await running.said(/Ticking each minute/)
  const [, command = ''] = /^To start again what it stopped: {2}(curl .*)$/m.exec(text) ?? []
  const { stdout } = await promisify(exec)(command)
  const { id } = z.object({ id: z.string() }).parse(JSON.parse(stdout))
  const screen = createScreen({ out: new PassThrough(), env: {} })
  const watch = { screen, runId: id, ended: new AbortController().signal }
  const { 'stopped stopped': stopped } = counts(text)
  expect(await watched({ api: createApi(url(text)), ...watch })).toMatchObject({
    action: 'start',
    status: 'succeeded',
    summary: { targets: stopped, started: stopped },
  })
  running.child.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
  const again = await started(['--once', '--undo', '--port', '0', '--data', folder]).ended
  expect(again.text).toMatch(/^Run undo\.manual\.\S+: succeeded in \d/m)
  expect(counts(again.text)).toEqual({ matched: 0 })
  expect(again.code).toBe(0)
})

test.concurrent('a sample of three projects has a connection and a run in each, and is the same at the next start', async () => {
  const folder = join(root, 'projects')
  const first = await started(['--projects', '3', '--once', '--port', '0', '--data', folder]).ended
  expect(first.text).toMatch(
    /sample +3 connections \(api huaweicloud\), policies lab-metal, nightly-dev, weekend, weekend-cn-east-3, weekend-cn-north-4-lab$/m,
  )
  expect([...first.text.matchAll(/^Run manual\.\S+: (\w+) in \d/gm)].map(([, status]) => status)).toEqual([
    'partial',
    'succeeded',
    'succeeded',
  ])
  expect(first.code).toBe(0)
  const other = await started(['--projects', '2', '--port', '0', '--data', folder]).ended
  expect(other.text).toContain(`--projects is for a new data folder, and the sample of ${folder} has 3.`)
  expect(other.code).toBe(2)
  const second = await started(['--once', '--undo', '--port', '0', '--data', folder]).ended
  expect(second.text).toMatch(/found +3 connections, 5 policies, 3 runs/)
  expect(second.text.match(/^Run undo\.manual\.\S+: succeeded in \d/gm)).toHaveLength(3)
  expect(second.code).toBe(0)
})

test.concurrent('the same first run is made over a plain OpenStack, in a data folder of its own, and undone', async () => {
  const folder = join(root, 'openstack')
  const first = await started(['--openstack', '--once', '--undo', '--port', '0', '--data', folder]).ended
  expect(first.text).toMatch(
    /sample +one connection \(api openstack\), policies lab-metal, nightly-dev, weekend/,
  )
  expect(first.text).toMatch(/^Run manual\.\S+: partial in \d/m)
  const { matched, ...rows } = counts(first.text.slice(0, first.text.lastIndexOf('Starting again')))
  expect(Object.values(rows).reduce((sum, row) => sum + row)).toBe(matched)
  expect(rows).toMatchObject({
    'failed still-running': 3,
    'stopped stopped': expect.toSatisfy(row => row > 2000),
  })
  expect(first.text).toMatch(/2,0\d\d of 2,0\d\d servers running/)
  const stopped = rows['stopped stopped']
  expect(counts(lastTable(first.text))).toEqual({ matched: stopped, 'started started': stopped })
  expect(first.code).toBe(0)

  const second = started(['--port', '0', '--data', folder])
  const text = await second.said(/Ticking each minute/)
  expect(await dryRun(url(text), 'lab-metal')).toMatchObject({
    status: 'succeeded',
    summary: { matched: expect.toSatisfy(matched => matched > 0), stopped: 0 },
  })
  second.child.kill('SIGINT')
  expect((await second.ended).code).toBe(0)
})

test.concurrent('for real connections there is neither sample nor simulated cloud, links lead here, and it says what needs a person', async () => {
  const folder = join(root, 'real')
  const running = started(['--no-simulator', '--port', '0', '--data', folder])
  const text = await running.said(/Ticking each minute/)
  expect(text).toContain('no simulated one')
  const health = await fetch(`${url(text)}/v1/health`)
  expect(health.status).toBe(200)
  const there = { folder, text }
  expect(await (await asked(there, 'policies')).json()).toMatchObject({ items: [] })
  const put = (path: string, body: object) => asked(there, path, { method: 'PUT', body })
  const feed = await asked(there, 'feeds', { method: 'POST', body: { description: 'all' } })
  expect(await feed.json()).toMatchObject({ url: expect.stringContaining(`${url(text)}/feeds/`) })
  const here = await put('connections/here', connectionBody({ endpoints: { iam: 'http://127.0.0.1:1' } }))
  expect(here.status).toBe(422)
  await put('connections/prod', connectionBody({ credentials: { source: 'environment', name: 'NOBODYS_' } }))
  await put('policies/night', aPolicyBody({ id: 'night' }))
  await asked(there, 'runs', { method: 'POST', body: { policyId: 'night' } })
  expect(await running.said(/run ended/)).toMatch(/"level":"WARN","message":"run ended".*"status":"failed"/)
  running.child.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)
  const sample = await started(['--once', '--port', '0', '--data', folder]).ended
  expect(sample.text).toContain(`${folder} was made with --no-simulator`)
  expect(sample.code).toBe(2)
})

test.concurrent('a start says that all stops and all starts are switched off, where somebody did so', async () => {
  const folder = join(root, 'switch')
  const first = started(['--no-simulator', '--port', '0', '--data', folder])
  const before = await first.said(/Ticking each minute/)
  expect(before).not.toContain('switched off')
  await asked({ folder, text: before }, 'settings', {
    method: 'PUT',
    body: { stopsEnabled: false, startsEnabled: false },
  })
  first.child.kill('SIGINT')
  await first.ended
  const second = started(['--no-simulator', '--port', '0', '--data', folder])
  const said = await second.said(/Ticking each minute/)
  expect(said).toMatch(/All stops are switched off: nothing is stopped until .*"stopsEnabled": true/)
  expect(said).toMatch(/All starts are switched off: nothing is started until .*"startsEnabled": true/)
  second.child.kill('SIGINT')
  await second.ended
})

test.concurrent('a wrong flag ends the start with a message and 2', async () => {
  const { text, code } = await started(['--prot', '1']).ended
  expect(text).toMatch(/^Unknown flag --prot: expected one of --once/)
  expect(code).toBe(2)
})

test.concurrent('a wrong variable ends the start with its name, what was expected and what came', async () => {
  const env = { CLOUD_TIMEOUT_MS: 'soon' }
  const { text, code } = await started(['--port', '0', '--data', join(root, 'wrong')], env).ended
  expect(text).toMatch(/CLOUD_TIMEOUT_MS: .*expected.* got "soon"/)
  expect(code).toBe(2)
})
