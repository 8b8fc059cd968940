import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { aCalendar, anEvent } from '../core/calendar/programs.ts'
import { fleet } from '../flow/world.ts'
import { policyBody, restorer } from '../http/world.ts'
import { curfewWorld } from './curfew-world.ts'

let world: Awaited<ReturnType<typeof curfewWorld>>
let restore: () => Promise<void>
const folder = mkdtempSync(join(tmpdir(), 'curfew-files-'))
beforeAll(async () => {
  world = await curfewWorld({ servers: fleet(3, { 0: { tags: { env: 'dev' } } }) })
  restore = await restorer(world)
})
beforeEach(() => restore())
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true })
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}
const documents = (...all: object[]): string => all.map(one => JSON.stringify(one)).join('\n---\n')
const channel = { id: 'ops', type: 'slack', credentials: { source: 'environment' } }
const lab = {
  id: 'lab',
  api: 'huaweicloud',
  region: 'cn-north-4',
  projectId: 'f'.repeat(32),
  credentials: { source: 'environment' },
}
const newYear = (day: string) => aCalendar(...anEvent(`DTSTART;VALUE=DATE:${day}`, 'SUMMARY:New Year'))
const calendar = { id: 'holidays', ics: newYear('20270101') }
const schedule = { cron: '0 20 * * *', timeZone: 'UTC', calendars: [{ id: 'holidays', effect: 'skip' }] }
const notify = [{ channel: 'ops', on: ['failed'] }]
const ids = async (kind: string) => (await world.all(`/v1/${kind}`)).map(({ id }) => id)

test('documents of every kind are applied, what is named before what names it, and what was done is said', async () => {
  file('team/a/policies.yaml', documents(policyBody({ id: 'night', connection: 'lab', notify, schedule })))
  file('team/others.yml', documents(calendar, channel, lab))
  const path = join(folder, 'team')
  const first = await world.curfew(['apply', path])
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(first.out.split('\n')).toEqual([
    ...[
      'created: connection lab',
      'created: channel ops',
      'created: calendar holidays',
      'created: policy night',
    ],
    '4 created, 0 changed, 0 deleted, 0 unchanged, 0 failed',
  ])
  expect((await world.curfew(['apply', path])).out).toBe(
    '0 created, 0 changed, 0 deleted, 4 unchanged, 0 failed',
  )
  expect(await world.curfew(['diff', path, '--exit-code'])).toMatchObject({ code: 0 })
  file(
    'team/others.yml',
    documents({ ...calendar, ics: newYear('20280101') }, { ...channel, language: 'zh' }, lab),
  )
  expect(await world.curfew(['diff', path, '--exit-code', '--json'])).toMatchObject({ code: 3 })
  const { out } = await world.curfew(['apply', path, '--json'])
  expect(JSON.parse(out)).toEqual({
    documents: [
      { did: 'unchanged', kind: 'connection', id: 'lab' },
      {
        did: 'changed',
        kind: 'channel',
        id: 'ops',
        fields: [{ path: 'language', before: 'en', after: 'zh' }],
      },
      {
        did: 'changed',
        kind: 'calendar',
        id: 'holidays',
        fields: [{ path: 'ics', before: newYear('20270101'), after: newYear('20280101') }],
      },
      { did: 'unchanged', kind: 'policy', id: 'night' },
    ],
    counts: { created: 0, changed: 2, deleted: 0, unchanged: 2, failed: 0 },
  })
})

test('where one fails the others are done, and each says what became of it', async () => {
  const path = file(
    'some.yml',
    documents(policyBody({ id: 'a', connection: 'none' }), policyBody({ id: 'b' })),
  )
  const { code, out, err } = await world.curfew(['apply', path])
  expect([code, out]).toEqual([
    1,
    'failed: policy a\ncreated: policy b\n1 created, 0 changed, 0 deleted, 0 unchanged, 1 failed',
  ])
  expect(err).toMatch(/^PUT \/v1\/policies\/a: 422 connection: expected the id of a connection/)
})

test('diff names what is named and not there, and exits 1', async () => {
  const path = file('names.yml', documents(policyBody({ id: 'a', connection: 'none', notify, schedule })))
  const { code, out } = await world.curfew(['diff', path])
  expect(code).toBe(1)
  expect(out.split('\n')).toEqual([
    '+ policy a',
    '! policy a: connection: there is no connection none, neither in the files nor there',
    '! policy a: notify.0.channel: there is no channel ops, neither in the files nor there',
    '! policy a: schedule.calendars.0.id: there is no calendar holidays, neither in the files nor there',
    '1 to create, 0 to change, 0 to delete, 0 as in the files',
  ])
})

test('diff --preview counts the servers that each change adds or spares', async () => {
  await world.curfew(['apply', file('old.yml', documents(policyBody({ id: 'kept' })))])
  const selector = { tags: { env: ['dev'] } }
  const path = file('new.yml', documents(policyBody({ id: 'kept', selector }), policyBody({ id: 'new' })))
  const { out } = await world.curfew(['diff', '--preview', path])
  expect(out).toContain('~ policy kept')
  expect(out).toContain('    would stop 1 now: 0 more than it does, and spares 2')
  expect(out).toContain('+ policy new\n    would stop 3 now: 3 more than it does, and spares 0')
})

test("an owner's prune deletes that owner's documents alone, and nobody takes another's", async () => {
  const mine = file(
    'mine.yml',
    documents(policyBody({ id: 'mine' }), policyBody({ id: 'gone', schedule }), calendar),
  )
  const theirs = file('theirs.yml', documents(policyBody({ id: 'theirs' }), channel))
  await world.curfew(['apply', mine, '--as', 'team-a'])
  await world.curfew(['apply', theirs, '--as', 'team-b'])
  await world.curfew(['apply', file('free.yml', documents(policyBody({ id: 'free' })))])
  expect((await world.ask('GET', '/v1/policies/mine')).body.managedBy).toBe('team-a')
  const less = file('mine.yml', documents(policyBody({ id: 'mine' })))
  const pruned = await world.curfew(['apply', less, '--as', 'team-a', '--prune'])
  expect(pruned.out).toBe(
    'deleted: policy gone\ndeleted: calendar holidays\n0 created, 0 changed, 2 deleted, 1 unchanged, 0 failed',
  )
  expect([await ids('policies'), await ids('channels'), await ids('calendars')]).toEqual([
    ...[['free', 'mine', 'theirs'], ['ops'], []],
  ])
  expect(await world.curfew(['apply', theirs, '--as', 'team-a'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('policy theirs: it is managed by "team-b"'),
  })
  expect((await world.ask('GET', '/v1/policies/theirs')).body).toMatchObject({
    managedBy: 'team-b',
    version: 1,
  })
  // Whose it is stays where nobody says.
  await world.curfew(['apply', file('mine.yml', documents(policyBody({ id: 'mine', description: 'x' })))])
  expect((await world.ask('GET', '/v1/policies/mine')).body).toMatchObject({
    managedBy: 'team-a',
    description: 'x',
  })
  expect(
    await world.curfew(['policies', 'apply', file('new.yml', documents(policyBody())), '--prune']),
  ).toMatchObject({
    out: expect.stringContaining('deleted: policy free'),
  })
  expect(await ids('policies')).toEqual(['mine', 'nightly-dev', 'theirs'])
  expect(await world.curfew(['apply', less, '--prune'])).toMatchObject({
    code: 2,
    err: '--prune: expected --as NAME with it: it deletes documents of that owner alone',
  })
})

test('what export writes is applied as it stands', async () => {
  const path = file(
    'out.yml',
    documents(channel, lab, calendar, policyBody({ id: 'night', notify, schedule })),
  )
  await world.curfew(['apply', path, '--as', 'team-a'])
  const to = join(folder, 'exported')
  const { code, out } = await world.curfew(['export', to])
  expect([code, out.split('\n')]).toEqual([
    0,
    [
      ...[`${to}/connections.yml: 2 connections`, `${to}/channels.yml: 1 channel`],
      ...[`${to}/calendars.yml: 1 calendar`, `${to}/policies.yml: 1 policy`],
    ],
  ])
  expect(await world.curfew(['diff', to, '--exit-code'])).toMatchObject({
    code: 0,
    out: '0 to create, 0 to change, 0 to delete, 5 as in the files',
  })
  expect(await world.curfew(['export', to])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--force'),
  })
  const shown = await world.curfew(['export', '--as', 'team-a', '--json'])
  expect(
    Object.entries(JSON.parse(shown.out)).map(([kind, all]) => [kind, (all as unknown[]).length]),
  ).toEqual([
    ...[
      ['connections', 1],
      ['channels', 1],
      ['calendars', 1],
      ['policies', 1],
    ],
  ])
  expect(shown.out).not.toMatch(/updatedAt|fetchedAt|covered/)
})

const NOBODY = { env: { CURFEW_URL: 'http://127.0.0.1:9' } }

test('validate asks nobody; anchors and merge keys count within a file', async () => {
  const yaml = [
    'x-night: &night { cron: "0 20 * * *", timeZone: UTC }',
    'policies:',
    '  - &base { id: one, connection: prod, kind: ecs, schedule: *night, selector: { all: true } }',
    '  - { <<: *base, id: two }',
    'channels:',
    `  - ${JSON.stringify(channel)}`,
  ].join('\n')
  expect(await world.curfew(['validate', file('anchors.yml', yaml)], NOBODY)).toMatchObject({
    code: 0,
    out: 'As they should be: 1 channel, 2 policies',
  })
  expect((await world.curfew(['apply', join(folder, 'anchors.yml')])).code).toBe(0)
  expect(await ids('policies')).toEqual(['one', 'two'])
})

test('validate tells the line and the field of each problem', async () => {
  const yaml = [
    'policies:',
    '  - id: one',
    '    connection: prod',
    '    kind: vm',
    '    schedule:',
    '      cron: "0 25 * * *"',
  ]
  const path = file(
    'wrong.yml',
    [
      ...[...yaml, '      timeZone: UTC', '    selector: { all: true }', '---', 'id: x'],
      ...['---', 'id: holidays', 'ics: |', '  <html></html>'],
    ].join('\n'),
  )
  const { code, err } = await world.curfew(['validate', path], NOBODY)
  expect(code).toBe(1)
  expect(err.split('\n').map(line => line.slice(path.length))).toEqual([
    expect.stringMatching(/^:6: schedule\.cron: hour: expected .*got "25"/),
    expect.stringMatching(/^:4: kind: expected .*got "vm"/),
    expect.stringMatching(/^:10: body: expected a connection \(api, region, projectId\) or .*got none/),
    ':13: ics: line 1: expected a property such as SUMMARY:text, got "<html></html>"',
  ])
})
