import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Settled } from '../../../lib/core/model/outcome.ts'
import { savingsLine } from '../../../lib/core/savings/line.ts'
import {
  judgeLook,
  type ServerLook,
  type Sight,
  type StoppedServers,
  sightOfServer,
} from '../../../lib/core/savings/sight.ts'
import { aServer, aSettled, at, members, START } from '../../makers.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const OFF_AT = START + MINUTE

test.each<[Parameters<typeof aServer>[0], Sight]>([
  [{}, 'up'],
  [{ taskState: 'rebooting' }, 'up'],
  [{ taskState: 'powering-off' }, 'busy'],
  [{ status: 'SHUTOFF', updatedAt: at(OFF_AT) }, OFF_AT],
  [{ status: 'SHUTOFF' }, 'untold'],
  [{ status: 'SHUTOFF', taskState: 'powering-on' }, 'busy'],
  [{ status: 'RESIZE' }, 'busy'],
  [{ status: 'ERROR' }, 'busy'],
])('a look remembers %j as %s', (server, expected) => {
  expect(sightOfServer(aServer(server))).toBe(expected)
})

const stopped = (overrides: Partial<Settled> = {}): Settled => aSettled({ endedAt: at(OFF_AT), ...overrides })
const chunkOf = (...settled: Settled[]): StoppedServers => ({
  number: 0,
  servers: members(settled.length),
  settled: new Map(settled.entries()),
  facts: new Map(),
  offUntil: new Map(),
})
const lookAt = (hours: number, sight: Sight | undefined, more: Partial<ServerLook> = {}): ServerLook => ({
  sights: new Map(sight === undefined ? [] : [['s-0', sight]]),
  at: START + hours * HOUR,
  starts: new Map(),
  ...more,
})

describe('a look', () => {
  test('leaves a server that is off as it was as it is', () => {
    expect(judgeLook(chunkOf(stopped()), lookAt(1, OFF_AT))).toMatchObject({
      isChanged: false,
      stillOff: 1,
      offUntil: new Map(),
    })
  })

  test('records when it saw a server up again, and the look before as the latest proof', () => {
    const seen = judgeLook(chunkOf(stopped()), lookAt(5, 'up', { previous: at(START + HOUR) }))
    expect(seen).toMatchObject({ isChanged: true, stillOff: 0, offUntil: new Map([[0, at(START + HOUR)]]) })
    expect(seen.settled.get(0)!.restartedAt).toBe(at(START + 5 * HOUR))
  })

  test.each<[string, Sight | undefined]>([
    ['was changed since', START + 3 * HOUR],
    ['is gone', undefined],
    ['is under way', 'busy'],
    ['is off, nobody tells since when', 'untold'],
  ])('ends the time off of a server that %s, without a restart', (_, sight) => {
    const seen = judgeLook(chunkOf(stopped()), lookAt(5, sight, { previous: at(START + HOUR) }))
    expect(seen).toMatchObject({ stillOff: 0, offUntil: new Map([[0, at(START + HOUR)]]) })
    expect(seen.settled.get(0)).toEqual(stopped())
  })

  test('passes over what was not stopped, and what was seen up before', () => {
    const others = [
      aSettled({ status: 'failed', code: 'still-running' }),
      stopped({ restartedAt: at(START) }),
    ]
    expect(judgeLook(chunkOf(...others), lookAt(5, 'up'))).toMatchObject({ isChanged: false, stillOff: 0 })
  })

  test('takes the reading of a start of ours for a proof, where nothing had changed before it', () => {
    const readAt = at(START + 4 * HOUR)
    const until = (changedAt: number) => {
      const starts = new Map([['s-0', { readAt, changedAt: at(changedAt) }]])
      return judgeLook(
        chunkOf(stopped()),
        lookAt(5, 'up', { previous: at(START + HOUR), starts }),
      ).offUntil.get(0)
    }
    expect(until(OFF_AT + MINUTE)).toBe(readAt)
    expect(until(START + 2 * HOUR)).toBe(at(START + HOUR))
  })
})

type Happened = 'started' | 'stopped' | 'renamed'
interface Life {
  events: { minute: number; what: Happened }[]
  looks: number[]
}

const lives: fc.Arbitrary<Life> = fc.record({
  events: fc
    .uniqueArray(
      fc.record({
        minute: fc.integer({ min: 1, max: 300 }).map(place => place * 10),
        what: fc.constantFrom<Happened>('started', 'stopped', 'renamed'),
      }),
      { selector: ({ minute }) => minute, maxLength: 6 },
    )
    .map(events => events.toSorted((a, b) => a.minute - b.minute)),
  looks: fc
    .uniqueArray(
      fc.integer({ min: 0, max: 300 }).map(place => place * 10 + 5),
      { minLength: 1, maxLength: 12 },
    )
    .map(looks => looks.toSorted((a, b) => a - b)),
})

/** The minutes in which a server was off that was off from 0 on, until anything was done to it. */
const offUntilMinute = ({ events }: Life): number => events[0]?.minute ?? Number.POSITIVE_INFINITY

function sightAt({ events }: Life, minute: number): Sight {
  const past = events.filter(event => event.minute < minute)
  const power = past.findLast(({ what }) => what !== 'renamed')
  return power?.what === 'started' ? 'up' : OFF_AT + (past.at(-1)?.minute ?? 0) * MINUTE
}

/** The minutes that the ledger claims of a life, by its looks. */
function claimed(life: Life): number {
  let chunk = chunkOf(stopped())
  let previous: string | undefined
  for (const minute of life.looks) {
    const [look, sight] = [OFF_AT + minute * MINUTE, sightAt(life, minute)]
    const sights = new Map([['s-0', sight]])
    chunk = { ...chunk, ...judgeLook(chunk, { sights, at: look, previous, starts: new Map() }) }
    previous = at(look)
  }
  const settled = chunk.settled.get(0)!
  const run = { kind: 'ecs' as const, lookedAt: previous }
  const line = savingsLine(run, { serverId: 's-0', name: '', settled, offUntil: chunk.offUntil.get(0) })
  return line === null ? 0 : (line.to - line.from) / 60
}

describe('what is claimed of a time off', () => {
  test('is never longer than until anything was done to the server, and goes to the last look before that', () => {
    fc.assert(
      fc.property(lives, life => {
        const end = offUntilMinute(life)
        const proven = life.looks.filter(minute => minute < end).at(-1) ?? 0
        expect(claimed(life)).toBe(proven)
      }),
    )
  })

  test('never grows with a missing look', () => {
    fc.assert(
      fc.property(lives, fc.nat(), (life, place) => {
        const missing = place % life.looks.length
        const fewer = { ...life, looks: life.looks.filter((_, look) => look !== missing) }
        expect(claimed(fewer)).toBeLessThanOrEqual(claimed(life))
      }),
    )
  })
})
