import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { untilInstant } from '../../cli/screen/times.ts'
import { fleet } from '../flow/world.ts'
import { policyBody } from '../http/world.ts'
import { curfewWorld } from './curfew-world.ts'

let world: Awaited<ReturnType<typeof curfewWorld>>
beforeAll(async () => {
  world = await curfewWorld({ servers: fleet(9, { 8: { tags: { env: 'test' } } }) })
  const save = (id: string, body: object) =>
    world.ask('PUT', `/v1/policies/${id}`, { body: policyBody({ id, ...body }) })
  await save('one', { selector: { name: 'dev-0' } })
  await save('limited', { selector: { all: true }, limits: { maxServers: 1 } })
  await save('tokyo', { schedule: { cron: '0 20 * * *', timeZone: 'Asia/Tokyo' } })
  await save('trio', {
    selector: { ids: [1, 2, 3].map(number => `00000000-0000-4000-8000-00000000000${number}`) },
  })
})
afterAll(() => world.close())

const runs = async () => (await world.all('/v1/runs')).length
const idOf = (out: string): string => /Run (\S+):/.exec(out)?.[1] ?? ''

describe('what stops servers', () => {
  test('shows them and asks, shows progress, and undo starts them again', async () => {
    const stopped = await world.curfew(['stop', 'one'], { answers: ['y'] })
    expect(stopped.err).toBe('This would stop 1 server. Go on? [y/N] ')
    expect(stopped.out).toContain('dev-0')
    expect(stopped.out).toMatch(/: succeeded\n/)
    expect(stopped.progress.at(0)).toMatch(/^manual\.\S+: pending, 0 of 0 settled$/)
    expect(stopped.progress.at(-1)).toBe('')
    expect(stopped.code).toBe(0)
    const undone = await world.curfew(['undo', idOf(stopped.out), '--reason', 'needed'], { answers: ['y'] })
    expect([undone.code, undone.err]).toEqual([0, 'This would start at most 1 server. Go on? [y/N] '])
    expect(undone.out).toMatch(/^started +started +1$/m)
  })

  test('does nothing on any other answer', async () => {
    const before = await runs()
    const { code, err } = await world.curfew(['stop', 'one'], { answers: [''] })
    expect([code, err]).toEqual([1, expect.stringContaining('Nothing was done')])
    expect(await runs()).toBe(before)
  })

  test.each([
    ['stop', 'one'],
    ['start', 'one'],
    ['undo', 'manual.x'],
  ])('%s exits with 2 where nobody can be asked, and nothing was sent', async (...args) => {
    const before = await runs()
    const { code, out, err } = await world.curfew(args)
    expect([code, out, err]).toEqual([2, '', expect.stringContaining('expected --yes')])
    expect(await runs()).toBe(before)
  })

  test('is told in JSON by what the API answers of the ended run', async () => {
    const { code, out } = await world.curfew(['stop', 'trio', '--yes', '--json'])
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({ status: 'succeeded', summary: expect.objectContaining({ stopped: 3 }) }),
    ])
    const asked = await world.curfew(['undo', JSON.parse(out).id, '--json'], { answers: ['y'] })
    expect(JSON.parse(asked.out)).toMatchObject({ status: 'succeeded', action: 'start' })
  })

  test('says what blocks it, and exits with 1', async () => {
    const before = await runs()
    const { code, out } = await world.curfew(['stop', 'limited'], { answers: ['y'] })
    expect([code, out]).toEqual([1, expect.stringContaining('Nothing would be done:')])
    expect(await runs()).toBe(before)
    const forced = await world.curfew(['stop', 'limited', '--yes'])
    expect([forced.code, forced.out]).toEqual([1, expect.stringContaining('blocked')])
  })

  test('asks where nobody is counted, and a connection cannot be reached', async () => {
    await world.connection({ id: 'lost', endpoints: { ecs: 'http://127.0.0.1:9', as: 'http://127.0.0.1:9' } })
    const body = policyBody({
      id: 'two',
      selector: { name: 'nobody' },
      connection: undefined,
      connections: ['prod', 'lost'],
    })
    await world.ask('PUT', '/v1/policies/two', { body })
    const { code, err } = await world.curfew(['stop', 'two'], { answers: ['n'] })
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('would stop 0 servers, and those of 1 connection not counted. Go on?'),
    ])
    // Others would wait for it, too.
    await world.ask('DELETE', '/v1/policies/two')
    await world.ask('DELETE', '/v1/connections/lost')
  })

  test('above the limit of its policy asks for the number', async () => {
    const args = ['stop', 'limited', '--override-limits', '--no-wait']
    const { code, err } = await world.curfew(args, { answers: ['y'] })
    expect([code, err]).toEqual([1, expect.stringMatching(/^This would stop 9 servers\. Type their number/)])
  })

  test('takes servers that no policy names, and starts them likewise', async () => {
    const named = ['--connection', 'prod', '--tag', 'env=test']
    const stopped = await world.curfew(['stop', ...named], { answers: ['y'] })
    expect([stopped.code, stopped.out]).toEqual([0, expect.stringMatching(/^dev-8 /m)])
    const started = await world.curfew(['start', ...named], { answers: ['yes'] })
    expect([started.code, started.out]).toEqual([0, expect.stringMatching(/^started +started +1$/m)])
  })

  test('stops nobody by a dry run, which asks nobody', async () => {
    const { code, out } = await world.curfew(['stop', 'one', '--dry-run'])
    expect([code, out]).toEqual([0, expect.stringMatching(/^skipped +dry-run +1$/m)])
  })

  test('goes on after --no-wait, and can be watched and cancelled', async () => {
    const begun = await world.curfew(['stop', 'one', '--yes', '--no-wait', '--json'])
    const { id } = JSON.parse(begun.out)
    expect(begun.code).toBe(0)
    const cancelled = await world.curfew(['cancel', id, '--reason', 'not now'])
    expect([cancelled.code, cancelled.out]).toEqual([0, expect.stringContaining(`Run ${id}: cancelled`)])
    const watched = await world.curfew(['run', id, '--watch'])
    expect(watched.code).toBe(1)
  })

  test.each([
    [['stop', '--yes'], /expected the id of a policy, or --connection/],
    [['stop', 'one', '--name', 'x', '--yes'], /--name: expected a policy, or options .*, got both/],
    [['stop', '--connection', 'prod', '--yes'], /--connection: expected --name, --id, --tag or --all/],
    [['start', 'one', '--mode', 'hard'], /unknown option '--mode'/],
    [['snooze', '--until', '2h', '--reason', 'x'], /expected the id of a policy, or --server/],
    [['snooze', 'one', '--until', 'later', '--reason', 'x'], /--until: expected 22:00, tomorrow, 2h, 3d or/],
    [
      ['delay', 'one', '--minutes', '1h', '--reason', 'x'],
      /--minutes: expected a number from 1 to 720, got "1h"/,
    ],
    [
      ['delay', 'one', '--minutes', '1', '--reason', 'x', '--due', '20:00'],
      /--due: expected an instant such as/,
    ],
    [['snooze', 'one', '--until', '2h'], /required option '--reason <text>' not specified/],
  ])('called as %j it exits with 2', async (args, message) => {
    const { code, err } = await world.curfew(args)
    expect([code, err]).toEqual([2, expect.stringMatching(message)])
  })
})

describe('a delay', () => {
  test('lets the next stop of a policy come later, once, or the one that is named', async () => {
    const args = ['delay', 'tokyo', '--minutes', '90', '--reason', 'release']
    const { code, out } = await world.curfew(args)
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^the stop of tokyo due (\S+) 20:00 \+09:00 Asia\/Tokyo comes 90 minutes later: release\nnext stop \1 21:30 /,
      ),
    ])
    const [next, after] = (await world.ask('POST', '/v1/policies/tokyo/preview')).body.dueTimes as {
      at: string
    }[]
    const named = await world.curfew([...args.slice(0, 5), 'x', '--due', after!.at, '--json'])
    expect(JSON.parse(named.out)).toMatchObject({ nextStopAt: next!.at })
    const wrong = await world.curfew([...args, '--due', '2026-11-22T00:01:00Z'])
    expect([wrong.code, wrong.err]).toEqual([
      1,
      expect.stringContaining('expected an instant at which a stop'),
    ])
  })
})

describe('a snooze', () => {
  test("of a policy lasts until a time by the policy's own clock", async () => {
    const { code, out } = await world.curfew(['snooze', 'tokyo', '--until', '23:15', '--reason', 'release'])
    expect(code).toBe(0)
    expect(out).toMatch(/^tokyo is snoozed until 2026-11-\d\d 23:15 \+09:00 Asia\/Tokyo: release$/m)
    const ended = await world.curfew(['unsnooze', 'tokyo'])
    expect([ended.code, ended.out]).toEqual([
      0,
      expect.stringMatching(/^tokyo is not snoozed; next stop 2026/),
    ])
  })

  test('of a server holds every stop of it back, until it is ended', async () => {
    const { code, out } = await world.curfew([
      'snooze',
      '--server',
      'dev-0',
      '--until',
      '2h',
      '--reason',
      'demo',
    ])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^dev-0 \(.*\) of prod is snoozed until .* UTC: demo$/),
    ])
    const why = (await world.curfew(['why', 'dev-0'])).out
    expect(why).toContain('would not stop it now (snoozed)')
    expect(why).not.toMatch(/snoozed until .*snoozed until/)
    const ended = await world.curfew(['unsnooze', '--server', 'dev-0', '--json'])
    expect(JSON.parse(ended.out)).toMatchObject({ snoozedUntil: null })
  })

  test.each([
    ['22:00', 'Asia/Tokyo', '2026-11-21T13:00:00.000Z'],
    ['21:00', 'Asia/Tokyo', '2026-11-22T12:00:00.000Z'],
    ['tomorrow', 'Asia/Tokyo', '2026-11-22T00:00:00.000Z'],
    ['90m', 'UTC', '2026-11-21T13:30:00.000Z'],
    ['3d', 'UTC', '2026-11-24T12:00:00.000Z'],
    ['2026-11-22T20:00:00+08:00', 'UTC', '2026-11-22T12:00:00.000Z'],
  ])('until %s in %s ends at %s', (text, timeZone, expected) => {
    expect(untilInstant(text, { now: Date.parse('2026-11-21T12:00:00Z'), timeZone })).toBe(expected)
  })
})
