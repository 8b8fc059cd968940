import { describe, expect, test } from 'vitest'
import { ALARM_NAMES, type Alarm, AlarmState, decideAlarm, endAlarm } from '../../../lib/core/notify/alarm.ts'
import { alarmEvent } from '../../../lib/core/notify/events.ts'
import { aRun, at, START } from '../../makers.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

const anAlarm = (overrides: Partial<Alarm> = {}): Alarm => ({
  name: 'CredentialsRefused',
  about: 'connection prod',
  reason: 'IAM.0101: the key is unknown',
  ...overrides,
})

/** An alarm that is seen at these times, in ms after the start: when it rings; each time it is told at once, unless its teller dies. */
function rung(alarm: Alarm, seen: number[], dies: number[] = []): number[] {
  let state: AlarmState | null = null
  return seen.filter(ms => {
    const decision = decideAlarm(alarm, state, START + ms)
    if (decision.state) state = AlarmState.parse(decision.state)
    if (decision.rings && !dies.includes(ms)) state = { ...state!, toldAt: at(START + ms) }
    return decision.rings
  })
}
const every = (ms: number, until: number): number[] =>
  Array.from({ length: Math.floor(until / ms) + 1 }, (_, count) => count * ms)

describe('a fault', () => {
  test('rings at once, and while it lasts once more a day', () => {
    expect(rung(anAlarm(), every(5 * MINUTE_MS, 49 * HOUR_MS))).toEqual([0, 24 * HOUR_MS, 48 * HOUR_MS])
  })

  test('that a clock which ran ahead saw is told as if it were new', () => {
    const ahead = decideAlarm(anAlarm(), null, START + 1000 * HOUR_MS).state!
    expect(decideAlarm(anAlarm(), { ...ahead, toldAt: ahead.ringsAt }, START).rings).toBe(true)
  })

  test('that comes back after an hour without it is new', () => {
    expect(rung(anAlarm(), [0, HOUR_MS, 2 * HOUR_MS + 1, 2 * HOUR_MS + 2])).toEqual([0, 2 * HOUR_MS + 1])
  })
})

describe('a due item that fails', () => {
  const alarm = anAlarm({ name: 'DueItemFailed', about: 'policy nightly-dev' })

  test('rings when it fails again within five minutes: once is made good by the next try', () => {
    expect(rung(alarm, [0])).toEqual([])
    expect(rung(alarm, [0, 2 * MINUTE_MS])).toEqual([2 * MINUTE_MS])
    expect(rung(alarm, [0, 5 * MINUTE_MS + 1])).toEqual([])
  })

  test('rings once for a day of ticks that fail at it', () => {
    expect(rung(alarm, every(MINUTE_MS, 24 * HOUR_MS))).toEqual([MINUTE_MS])
  })

  test('is not taken to fail twice by the two that see it at once', () => {
    expect(rung(alarm, [0, 20 * SECOND_MS])).toEqual([])
  })
})

describe('work that no step takes up', () => {
  const alarm = anAlarm({ name: 'WorkOverdue', about: 'chunk 0 of run x' })

  test('rings once ticks have found it for a quarter of an hour', () => {
    expect(rung(alarm, every(2 * MINUTE_MS, 14 * MINUTE_MS))).toEqual([])
    expect(rung(alarm, every(2 * MINUTE_MS, 60 * MINUTE_MS))).toEqual([16 * MINUTE_MS])
  })

  test('rings at once where it is known to have waited as long', () => {
    const since = (minutes: number) => ({ ...alarm, since: at(START - minutes * MINUTE_MS) })
    expect(rung(since(14), [0])).toEqual([])
    expect(rung(since(15), [0])).toEqual([0])
  })

  test('does not ring for one thing after another that is taken up within minutes', () => {
    const state = decideAlarm({ ...alarm, since: at(START - 3 * MINUTE_MS) }, null, START).state
    const later = START + 15 * MINUTE_MS
    const other = { ...alarm, about: 'run y', since: at(later - 3 * MINUTE_MS) }
    expect(decideAlarm(other, state, later).rings).toBe(false)
  })
})

describe('ends of runs', () => {
  const end = (overrides: Partial<Parameters<typeof endAlarm>[0]>) =>
    endAlarm(aRun({ id: 'night.1', status: 'failed', reason: 'no key', ...overrides }))

  test.each([
    ['stop', 'missed', 'RunMissed'],
    ['stop', 'failed', 'RunFailed'],
    ['stop', 'partial', 'RunPartial'],
    ['stop', 'blocked', 'RunBlocked'],
    ['start', 'missed', 'StartFailed'],
    ['start', 'failed', 'StartFailed'],
    ['start', 'partial', 'StartFailed'],
    ['start', 'blocked', 'StartFailed'],
  ] as const)('a %s that ended %s rings %s', (action, status, name) => {
    expect(end({ action, status })).toMatchObject({ name, about: 'run night.1', reason: 'no key' })
  })

  test.each(['succeeded', 'cancelled', 'running', 'pending'] as const)(
    'one that is %s rings nothing',
    status => {
      expect(end({ status })).toBeNull()
    },
  )

  test('of one connection ring once a minute, however many there are', () => {
    const seen = every(SECOND_MS, 3 * MINUTE_MS)
    expect(rung(end({})!, seen)).toEqual([0, MINUTE_MS, 2 * MINUTE_MS, 3 * MINUTE_MS])
    expect(end({ id: 'night.2' })!.cause).toBe(end({})!.cause)
    expect(end({ connection: 'lab' })!.cause).not.toBe(end({})!.cause)
  })
})

describe.each(ALARM_NAMES)('%s', name => {
  const alarm = anAlarm({ name, since: at(START - HOUR_MS) })
  const ringing = decideAlarm(alarm, null, START)

  test('rings for one of two that see it at once', () => {
    expect(ringing.rings).toBe(true)
    const other = { ...alarm, about: 'another run of the same cause' }
    expect(decideAlarm(other, ringing.state, START + SECOND_MS)).toMatchObject({ rings: false })
  })

  test('rings again, as the same event, where whoever was at it died: for whom sees the same, and later for all', () => {
    const other = { ...alarm, about: 'another run of the same cause' }
    for (const again of [
      decideAlarm(alarm, ringing.state, START + SECOND_MS),
      decideAlarm(other, ringing.state, START + MINUTE_MS),
    ])
      expect(again).toMatchObject({ rings: true, state: { ringsAt: ringing.state!.ringsAt } })
  })
})

test('what an event tells can stand in the text of a rule: without quotes, lines and backslashes, and of a length', () => {
  const alarm = anAlarm({ reason: `"no"\n\tC:\\x ${'long '.repeat(1000)}` })
  const event = alarmEvent(alarm, { service: 'curfew-prod', ringsAt: at(START) })
  expect(event.reason).toMatch(/^'no' C: x long long/)
  expect(event.reason.length).toBeLessThanOrEqual(2000)
  expect(JSON.parse(`"${event.reason}"`)).toBe(event.reason)
  expect(event.id).toBe(`CredentialsRefused.connection prod.${at(START)}.alarm`)
})

test('an event without a reason says so', () => {
  const source = { service: 'curfew-prod', ringsAt: at(START) }
  expect(alarmEvent(anAlarm({ reason: '' }), source).reason).toBe('no reason is recorded')
})
