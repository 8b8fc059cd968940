import { describe, expect, test } from 'vitest'
import { linkActor, linkState, openActions, pressedPolicy } from '../../../lib/core/documents/links/press.ts'
import type { StoredPolicy } from '../../../lib/core/model/model.ts'
import type { LinkAction, SnoozeLink } from '../../../lib/core/notify/snooze-link.ts'
import { aPolicy, at, START } from '../../makers.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** 19:30 of a policy that stops at 20:00. */
const NOW = START + 7.5 * HOUR
const STOP = START + 8 * HOUR
const edit = { actor: 'ann', now: NOW }

const policyOf = (overrides: Record<string, unknown> = {}) =>
  aPolicy({
    warn: { minutesBefore: 30 },
    notify: [{ channel: 'ops', on: ['warning'] }],
    nextDueAt: at(STOP),
    ...overrides,
  })
const aLink = (action: LinkAction, overrides: Partial<SnoozeLink> = {}): SnoozeLink => ({
  policyId: 'nightly-dev',
  stopAt: at(STOP),
  channel: 'ops',
  language: 'en',
  action,
  ...overrides,
})
const stateOf = (policy: StoredPolicy | null, link: SnoozeLink, now = NOW) => linkState(policy, link, { now })

describe('a press', () => {
  test('of "not tonight" snoozes the policy until a minute after that stop', () => {
    const after = pressedPolicy(policyOf(), aLink('not-tonight'), edit)
    expect(after).toMatchObject({ snoozedUntil: at(STOP + MINUTE), updatedBy: 'ann' })
    expect(after.nextWarnAt).toBe(at(NOW + 24 * HOUR))
  })
  test.each([
    ['one-hour', 1],
    ['three-hours', 3],
  ] as const)(
    'of "%s" lets that stop come later, once, and has people warned of it again',
    (action, hours) => {
      const after = pressedPolicy(policyOf(), aLink(action), edit)
      expect(after.delays).toEqual([
        {
          dueAt: at(STOP),
          until: at(STOP + hours * HOUR),
          reason: `by the link ops/${action} of the warning`,
        },
      ])
      expect(after).toMatchObject({
        nextDueAt: at(STOP + hours * HOUR),
        nextWarnAt: at(STOP + hours * HOUR - 30 * MINUTE),
        snoozedUntil: null,
      })
    },
  )
  test('is written down with the link, and with the name that was given', () => {
    expect(linkActor(aLink('one-hour'), '')).toBe('link:ops/one-hour')
    expect(linkActor(aLink('one-hour'), 'Ann')).toBe('link:ops/one-hour (as "Ann")')
  })
})

describe('a link', () => {
  test.each(['not-tonight', 'one-hour', 'three-hours'] as const)(
    'once it was pressed, shows what is, whichever of its warning it is: %s',
    action => {
      const after = pressedPolicy(policyOf(), aLink(action), edit)
      const kind = action === 'not-tonight' ? 'skipped' : 'moved'
      for (const other of ['not-tonight', 'one-hour', 'three-hours'] as const)
        expect(stateOf(after, aLink(other))).toMatchObject({ kind })
    },
  )
  test('acts no second time after somebody took back what it did', () => {
    const use = { at: at(NOW), actor: 'link:ops/not-tonight' }
    expect(linkState(policyOf(), aLink('not-tonight'), { now: NOW, use })).toEqual({ kind: 'used' })
  })
  test('acts on the stop that is due at its time, though another was moved away from there', () => {
    const delays = [
      { dueAt: at(STOP + HOUR), until: at(STOP + 3 * HOUR), reason: '' },
      { dueAt: at(STOP), until: at(STOP + HOUR), reason: '' },
    ]
    const schedule = { cron: '0 20,21 * * *', timeZone: 'UTC' }
    const policy = { ...policyOf({ schedule, nextDueAt: at(STOP + HOUR) }), delays }
    const link = aLink('one-hour', { stopAt: at(STOP + HOUR) })
    expect(stateOf(policy, link)).toEqual({ kind: 'open', until: at(STOP + 2 * HOUR) })
    const after = pressedPolicy(policy, link, edit)
    expect(after.nextDueAt).toBe(at(STOP + 2 * HOUR))
  })
  test('is not bound by a delay of a time that the schedule no longer names', () => {
    const delays = [{ dueAt: at(STOP - HOUR), until: at(STOP), reason: '' }]
    const bounded = { ...policyOf({ warn: { maxSnoozeHours: 1 } }), delays }
    expect(stateOf(bounded, aLink('one-hour')).kind).toBe('open')
  })
  test('of a stop that was moved on since is of no more use', () => {
    const delays = [{ dueAt: at(STOP), until: at(STOP + 2 * HOUR), reason: '' }]
    const moved = policyOf({ nextDueAt: at(STOP + 2 * HOUR) })
    const link = aLink('one-hour', { stopAt: at(STOP + HOUR) })
    expect(stateOf({ ...moved, delays }, link)).toEqual({ kind: 'gone', nextStopAt: at(STOP + 2 * HOUR) })
  })
  test.each([
    ['that is disabled', { enabled: false }],
    ['that stops at other times by now', { schedule: { cron: '0 21 * * *', timeZone: 'UTC' } }],
    ['that warns no more', { warn: null }],
  ])('of a policy %s acts no more', (_, overrides) => {
    expect(stateOf(policyOf(overrides), aLink('not-tonight')).kind).toBe('gone')
  })
  test('of a policy that was deleted acts no more', () => {
    expect(stateOf(null, aLink('not-tonight'))).toEqual({ kind: 'gone', nextStopAt: null })
  })
  test('is too late once its stop may have its run, whatever became of that', () => {
    expect(stateOf(policyOf(), aLink('not-tonight'), STOP - 4000)).toEqual({ kind: 'late' })
    expect(stateOf(policyOf(), aLink('not-tonight'), STOP - 5000).kind).toBe('open')
    expect(stateOf(null, aLink('not-tonight'), STOP)).toEqual({ kind: 'late' })
  })
  test('moves no stop to where the policy starts its servers', () => {
    const starting = policyOf({ start: { cron: '30 22 * * *' } })
    expect(stateOf(starting, aLink('one-hour')).kind).toBe('open')
    expect(stateOf(starting, aLink('three-hours'))).toEqual({
      kind: 'refused',
      message: expect.stringContaining('before the next start'),
    })
  })
})

test('links let a stop come no later than maxSnoozeHours, over all that they delayed of it', () => {
  const warned = { policyId: 'nightly-dev', stopAt: at(STOP), channel: 'ops', language: 'en' as const }
  const bounded = policyOf({ warn: { maxSnoozeHours: 2 } })
  expect(openActions(policyOf(), warned, NOW)).toEqual(['not-tonight', 'one-hour', 'three-hours'])
  expect(openActions(bounded, warned, NOW)).toEqual(['not-tonight', 'one-hour'])
  const later = { ...warned, stopAt: at(STOP + 2 * HOUR) }
  const delays = [{ dueAt: at(STOP), until: later.stopAt, reason: '' }]
  const moved = { ...bounded, delays, nextDueAt: later.stopAt }
  expect(openActions(moved, later, NOW)).toEqual(['not-tonight'])
  expect(stateOf(moved, { ...later, action: 'one-hour' })).toMatchObject({ kind: 'refused' })
})
