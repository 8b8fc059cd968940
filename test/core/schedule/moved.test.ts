import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { dueTimes, nextDueAt, previousDueAt } from '../../../lib/core/schedule/due-times.ts'
import { aSparseCron } from './schedule-crons.ts'
import { due } from './schedule-due.ts'

const HOUR = 3_600_000
const START = Date.parse('2026-03-20T00:00:00Z')
const UNTIL = START + 21 * 24 * HOUR
const aZone = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Shanghai', 'Australia/Lord_Howe')
/** Which due times are moved, and by how many minutes. */
const moves = fc.uniqueArray(fc.record({ place: fc.nat(40), minutes: fc.integer({ min: 1, max: 720 }) }), {
  selector: ({ place }) => place,
  maxLength: 5,
})

describe('a due time that was moved', () => {
  prop.prop([aSparseCron, aZone, moves, fc.integer({ min: 0, max: 21 * 24 * 60 })], { numRuns: 300 })(
    'is due at its new instant alone, and no other changes',
    ({ text: cron }, timeZone, chosen, minute) => {
      const plain = { cron, timeZone, skipDates: [] }
      const all = dueTimes(plain, { afterMs: START - 24 * HOUR, untilMs: UNTIL, most: 10_000 })
      const moved = chosen.flatMap(({ place, minutes }) =>
        all[place] === undefined ? [] : [{ fromMs: all[place], toMs: all[place] + minutes * 60_000 }],
      )
      const to = (ms: number) => moved.find(({ fromMs }) => fromMs === ms)?.toMs ?? ms
      const expected = [...new Set(all.map(to))].toSorted((a, b) => a - b)
      const schedule = { ...plain, moved }
      const within = expected.filter(ms => ms > START && ms <= UNTIL)
      expect(dueTimes(schedule, { afterMs: START, untilMs: UNTIL, most: 10_000 })).toEqual(within)
      const ms = START + minute * 60_000
      if (within.some(one => one > ms)) expect(nextDueAt(schedule, ms)).toBe(within.find(one => one > ms))
      if (within.some(one => one <= ms))
        expect(previousDueAt(schedule, ms)).toBe(within.findLast(one => one <= ms))
    },
  )

  test('is none where the cron names it no more', () => {
    const fromMs = Date.parse('2026-11-21T12:00Z')
    const moved = [{ fromMs, toMs: fromMs + HOUR }]
    const ofNow = due({ moved }, '2026-11-21T00:00Z', '2026-11-22T23:00Z')
    expect(ofNow).toEqual(['2026-11-21T13:00Z', '2026-11-22T12:00Z'])
    const edited = due({ moved, cron: '30 20 * * *' }, '2026-11-21T00:00Z', '2026-11-22T23:00Z')
    expect(edited).toEqual(['2026-11-21T12:30Z', '2026-11-22T12:30Z'])
    const skipped = due({ moved, skipDates: ['2026-11-21'] }, '2026-11-21T00:00Z', '2026-11-22T23:00Z')
    expect(skipped).toEqual(['2026-11-22T12:00Z'])
  })
})
