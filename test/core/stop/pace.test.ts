import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { grantPace, NO_PACE, type Pace, type PaceAnswer } from '../../../lib/core/stop/pace.ts'

const ask = (key: string, count: number, perMinute = 1000) => ({ key, count, perMinute })

describe('pace', () => {
  test('what fits goes at once, and the go is good for two seconds', () => {
    const answer = grantPace(NO_PACE, ask('a', 1000), 0)
    expect(answer).toMatchObject({ kind: 'granted', until: 2000 })
  })

  test('what does not fit is told when: 60 seconds after the last moment of the go before it', () => {
    const { pace } = grantPace(NO_PACE, ask('a', 600), 0)
    expect(grantPace(pace, ask('b', 500), 1000)).toMatchObject({ kind: 'deferred', at: 62_000 })
    expect(grantPace(pace, ask('b', 400), 1000)).toMatchObject({ kind: 'granted' })
  })

  test('who waited first goes first, though another asks a moment earlier', () => {
    let { pace } = grantPace(NO_PACE, ask('a', 1000), 0)
    ;({ pace } = grantPace(pace, ask('small', 5), 1000))
    const big = grantPace(pace, ask('big', 1000), 62_000)
    expect(big).toMatchObject({ kind: 'deferred' })
    expect(grantPace(big.pace, ask('small', 5), 62_500)).toMatchObject({ kind: 'granted' })
  })

  test('who does not come back loses its place', () => {
    let { pace } = grantPace(NO_PACE, ask('a', 1000), 0)
    ;({ pace } = grantPace(pace, ask('gone', 1000), 1000))
    expect(grantPace(pace, ask('b', 1000), 62_000 + 15_000)).toMatchObject({ kind: 'granted' })
  })

  test('behind a line, the answer is the end of the line, however far away', () => {
    let pace: Pace = NO_PACE
    let last: PaceAnswer | undefined
    for (let number = 0; number < 21; number++) {
      last = grantPace(pace, ask(`run ${number}`, 1, 1), 0)
      pace = last.pace
    }
    expect(last).toMatchObject({ kind: 'deferred', at: 20 * 62_000 })
  })

  test('a request larger than the whole limit still goes, alone', () => {
    expect(grantPace(NO_PACE, ask('a', 10, 5), 0)).toMatchObject({ kind: 'granted' })
  })

  test('lining up takes a place where one has to wait, and books nothing where not', () => {
    const { pace } = grantPace(NO_PACE, ask('a', 1000), 0)
    const waits = grantPace(pace, { ...ask('b', 600), lineUp: true }, 1000)
    expect(waits).toMatchObject({ kind: 'deferred', at: 62_000 })
    expect(grantPace(waits.pace, ask('c', 600), 62_000)).toMatchObject({ kind: 'deferred' })
    const free = grantPace(waits.pace, { ...ask('b', 600), lineUp: true }, 62_000)
    expect(free).toEqual({ kind: 'granted', until: 64_000, pace: waits.pace })
    expect(grantPace(free.pace, ask('b', 600), 63_000)).toMatchObject({ kind: 'granted', until: 65_000 })
  })

  test('what a clock that ran ahead booked holds nobody up', () => {
    const ahead = grantPace(NO_PACE, ask('early', 100, 100), 86_400_000)
    const waits = grantPace(ahead.pace, ask('waits', 100, 100), 86_400_000)
    expect(grantPace(waits.pace, ask('now', 100, 100), 0).kind).toBe('granted')
  })

  test('whoever asks whenever, no 60 seconds see more than the limit', () => {
    const asks = fc.array(
      fc.record({
        who: fc.integer({ min: 0, max: 5 }),
        count: fc.integer({ min: 1, max: 100 }),
        after: fc.integer({ min: 0, max: 20_000 }),
        late: fc.integer({ min: 0, max: 2000 }),
      }),
      { minLength: 1, maxLength: 80 },
    )
    fc.assert(
      fc.property(asks, all => {
        let pace: Pace = NO_PACE
        let now = 0
        const sent: { at: number; count: number }[] = []
        for (const { who, count, after, late } of all) {
          now += after
          const answer = grantPace(pace, ask(`run ${who}`, count, 100), now)
          pace = answer.pace
          // However late the function is after its go, as long as the go is good.
          if (answer.kind === 'granted') sent.push({ at: Math.min(now + late, answer.until), count })
        }
        for (const { at } of sent) {
          const window = sent.filter(one => one.at > at - 60_000 && one.at <= at)
          expect(window.reduce((sum, one) => sum + one.count, 0)).toBeLessThanOrEqual(100)
        }
      }),
    )
  })
})
