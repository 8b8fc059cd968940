import { describe, expect, test } from 'vitest'
import { canonicalText, fieldDifferences } from '../../../lib/core/documents/canonical.ts'
import { newChange } from '../../../lib/core/documents/change.ts'
import {
  editedPolicy,
  isSame,
  shownPolicy,
  snoozedPolicy,
  snoozeProblem,
} from '../../../lib/core/documents/documents.ts'
import { Policy } from '../../../lib/core/model/model.ts'
import { aPolicy, aPolicyBody, at, START } from '../../makers.ts'

const DAY = 86_400_000
const edit = { actor: 'ann', now: START }
const policy = (overrides = {}): Policy => Policy.parse(aPolicyBody(overrides))

describe('canonical', () => {
  test('is the same for the same document in another order', () => {
    expect(canonicalText({ a: 1, b: [{ c: null, d: 'x' }] })).toBe(
      canonicalText({ b: [{ d: 'x', c: null }], a: 1 }),
    )
  })
  test.each([
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: null }, {}],
    ['1', 1],
    [{ a: '1,"b":2' }, { a: '1', b: 2 }],
  ])('tells %j from %j', (a, b) => {
    expect(canonicalText(a)).not.toBe(canonicalText(b))
  })
  test('takes undefined for absent', () => {
    expect(canonicalText({ a: undefined })).toBe(canonicalText({}))
  })
})

test('differences name each field, lists as a whole', () => {
  const before = { a: 1, b: { c: [1], d: 2 }, gone: true }
  expect(fieldDifferences(before, { a: 1, b: { c: [2], d: 2, e: 3 } })).toEqual([
    { path: 'b.c', before: [1], after: [2] },
    { path: 'b.e', before: undefined, after: 3 },
    { path: 'gone', before: true, after: undefined },
  ])
})

const changedFields = (before: object | null, after: object | null) =>
  newChange({ what: 'edited', actor: 'ann', version: 1, before, after }, START).fields

describe('what is kept of a change', () => {
  test('leaves out what Curfew keeps itself', () => {
    const before = aPolicy()
    const after = {
      ...aPolicy({ mode: 'hard' }),
      version: 2,
      updatedAt: at(START + 1),
      nextDueAt: at(START + DAY),
    }
    expect(changedFields(before, after)).toEqual([{ path: 'mode', before: 'soft', after: 'hard' }])
  })
  test('fits into an item, however long the values are', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => `server-${n}`)
    const change = changedFields(
      aPolicy({ selector: { ids } }),
      aPolicy({ selector: { ids: ids.toReversed() } }),
    )
    expect(JSON.stringify(change).length).toBeLessThan(2000)
  })
  test('is every field of a document that is new', () => {
    expect(changedFields(null, { a: 1, b: { c: 2 } })).toEqual([
      { path: 'a', after: 1 },
      { path: 'b', after: { c: 2 } },
    ])
  })
})

describe('an edited policy', () => {
  test('counts its versions and keeps its beginning', () => {
    const before = aPolicy()
    const after = editedPolicy(policy(), before, { actor: 'ann', now: START + 1 })
    expect(after).toMatchObject({
      version: 2,
      createdAt: before.createdAt,
      updatedAt: at(START + 1),
      updatedBy: 'ann',
    })
  })

  test.each([
    ['to come', at(START + 1), '2026-11-21T20:00:00.000Z'],
    ['now', at(START), at(START)],
    ['passed', at(START - DAY), at(START - DAY)],
    ['none', null, '2026-11-21T20:00:00.000Z'],
  ])('whose due time is %s', (_, nextDueAt, expected) => {
    expect(editedPolicy(policy(), aPolicy({ nextDueAt }), edit).nextDueAt).toBe(expected)
  })

  test.each([
    ['to come', at(START + 1), '2026-11-22T07:00:00.000Z'],
    ['now', at(START), at(START)],
    ['passed', at(START - DAY), at(START - DAY)],
    ['none', null, '2026-11-22T07:00:00.000Z'],
  ])('whose start is due %s', (_, nextStartDueAt, expected) => {
    const start = { cron: '0 7 * * *' }
    const after = editedPolicy(policy({ start }), aPolicy({ start, nextStartDueAt }), edit)
    expect(after).toMatchObject({ nextDueAt: at(START), nextStartDueAt: expected })
  })

  test('that starts nothing any more keeps a start that has passed, for the tick to record', () => {
    const dueAt = (nextStartDueAt: string) => aPolicy({ start: { cron: '0 7 * * *' }, nextStartDueAt })
    expect(editedPolicy(policy(), dueAt(at(START)), edit).nextStartDueAt).toBe(at(START))
    expect(editedPolicy(policy(), dueAt(at(START + 1)), edit).nextStartDueAt).toBeNull()
  })

  test('knows since when it is snoozed where it starts, and never before', () => {
    const until = at(START + DAY)
    const start = { cron: '0 7 * * *' }
    const snooze = { until, reason: 'release' }
    expect(snoozedPolicy(aPolicy(), snooze, edit).snoozedAt).toBeNull()
    const snoozed = snoozedPolicy(aPolicy({ start }), snooze, edit)
    expect(snoozed.snoozedAt).toBe(at(START))
    const later = { ...edit, now: START + 1 }
    expect(editedPolicy(policy({ start }), snoozed, later).snoozedAt).toBe(at(START))
    expect(editedPolicy(policy(), snoozed, later).snoozedAt).toBeNull()
    expect(snoozedPolicy(snoozed, null, later)).toMatchObject({
      snoozedUntil: at(START + 1),
      snoozedAt: at(START),
    })
    expect(shownPolicy(snoozedPolicy(snoozed, null, later), START + 1)).toMatchObject({
      snoozedUntil: null,
      snoozedAt: null,
    })
    expect(snoozedPolicy({ ...snoozed, start: null }, null, later)).toMatchObject({
      snoozedUntil: null,
      snoozedAt: null,
    })
    const earlier = { ...aPolicy({ snoozedUntil: until }), updatedAt: at(START - 1) }
    expect(editedPolicy(policy({ start }), earlier, edit).snoozedAt).toBe(earlier.updatedAt)
  })

  test('keeps its snooze', () => {
    const snoozed = snoozedPolicy(aPolicy(), { until: at(START + DAY), reason: 'release' }, edit)
    expect(editedPolicy(policy(), snoozed, edit)).toMatchObject({
      snoozedUntil: at(START + DAY),
      snoozeReason: 'release',
    })
  })
})

test('an edit that changes nothing is the same, one that changes a field is not', () => {
  expect(isSame(policy(), policy())).toBe(true)
  expect(isSame(policy(), policy({ description: 'x' }))).toBe(false)
  expect(isSame({ ...policy(), newer: 1 }, policy())).toBe(false)
})

test.each([
  [START + 1, true],
  [START + 30 * DAY, true],
  [START, false],
  [START - 1, false],
  [START + 30 * DAY + 1, false],
])('a snooze until %i is allowed: %s', (until, allowed) => {
  expect(snoozeProblem(at(until), START) === null).toBe(allowed)
})

test('a snooze that is over is not shown', () => {
  const snoozed = aPolicy({ snoozedUntil: at(START), snoozeReason: 'x' })
  expect(shownPolicy(snoozed, START - 1)).toEqual(snoozed)
  expect(shownPolicy(snoozed, START)).toMatchObject({ snoozedUntil: null, snoozeReason: null })
})
