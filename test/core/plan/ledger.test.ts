import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OUTCOME_CODES, type OutcomeCode, type Settled } from '../../../lib/core/model/outcome.ts'
import type { Run } from '../../../lib/core/model/run.ts'
import {
  type Ledger,
  ledgerStart,
  noteOutcome,
  openServers,
  tellsOfServers,
} from '../../../lib/core/plan/ledger.ts'
import { aRun, aSettled, at, START } from '../../makers.ts'

const HOUR = 3_600_000
type Noted = [run: Pick<Run, 'id' | 'policyId' | 'action'>, settled: Settled]

const policyId = 'nightly-dev'
const stop = { id: 'stop', policyId, action: 'stop' } as const
const start = { id: 'start', policyId, action: 'start' } as const
const hour = (hours: number, outcome: Partial<Settled> = {}): Settled =>
  aSettled({ endedAt: at(START + hours * HOUR), ...outcome })

function open(noted: Noted[], undone?: string): string[] {
  const ledger: Ledger = new Map()
  for (const [run, settled] of noted) noteOutcome(ledger, run, { serverId: 's', ...settled })
  return openServers(ledger, undone)
}

describe('a server is open', () => {
  test('from the outcome in which a run stopped it, whatever the code', () => {
    for (const code of ['stopped', 'escalated', 'answer-lost'] as const)
      expect(open([[stop, hour(0, { code })]])).toEqual(['s'])
  })

  test.each<[string, Noted]>([
    ['a start that failed', [start, hour(1, { status: 'failed', code: 'still-off' })]],
    ['a start that there was no room for', [start, hour(1, { status: 'failed', code: 'no-capacity' })]],
    ['a start that was held off', [start, hour(1, { status: 'skipped', code: 'held-off' })]],
    ['a dry start', [start, hour(1, { status: 'skipped', code: 'dry-run' })]],
    ['a later stop that found it off', [stop, hour(1, { status: 'skipped', code: 'already-stopped' })]],
    ['a later stop that left it for a tag', [stop, hour(1, { status: 'skipped', code: 'protected' })]],
  ])('still, after %s', (_, later) => {
    expect(open([[stop, hour(0)], later])).toEqual(['s'])
  })

  test('still, after a run that had seen it running before the stop is cancelled', () => {
    const slow = { id: 'slow', policyId, action: 'stop', startedAt: at(START - HOUR) } as const
    const cancelled = hour(1, { status: 'skipped', code: 'cancelled', requestedAt: null })
    expect(
      open([
        [stop, hour(0)],
        [slow, cancelled],
      ]),
    ).toEqual(['s'])
    expect(
      open([
        [stop, hour(-2)],
        [slow, cancelled],
      ]),
    ).toEqual([])
  })

  test('anew, after a later run stopped it again', () => {
    const again = { id: 'later', policyId, action: 'stop' } as const
    const noted: Noted[] = [
      [stop, hour(0)],
      [start, hour(1, { status: 'started', code: 'started' })],
      [again, hour(2)],
    ]
    expect(open(noted)).toEqual(['s'])
    expect(open(noted, 'later')).toEqual(['s'])
    expect(open(noted, 'stop')).toEqual([])
  })

  test('to the policy of the run that stopped it alone, and to the undo of an ad hoc one', () => {
    const adHoc = { id: 'manual.1', action: 'stop' } as const
    expect(open([[adHoc, hour(0)]])).toEqual([])
    expect(open([[adHoc, hour(0)]], 'manual.1')).toEqual(['s'])
    const noted: Noted[] = [
      [stop, hour(0)],
      [{ id: 'manual.2', action: 'start' }, hour(1, { status: 'started', code: 'started' })],
      [adHoc, hour(2)],
    ]
    expect(open(noted)).toEqual([])
  })
})

describe('a server is not open', () => {
  test.each<[string, Noted[]]>([
    ['that a person had stopped before', [[stop, hour(0, { status: 'skipped', code: 'already-stopped' })]]],
    [
      'once it was started',
      [
        [stop, hour(0)],
        [start, hour(1, { status: 'started', code: 'started' })],
      ],
    ],
    [
      'once a start found it running',
      [
        [stop, hour(0)],
        [start, hour(1, { status: 'skipped', code: 'already-running' })],
      ],
    ],
    ['that a later look saw up', [[stop, hour(0, { restartedAt: at(START + HOUR) })]]],
    [
      'once it is gone',
      [
        [stop, hour(0)],
        [start, hour(1, { status: 'skipped', code: 'not-found' })],
      ],
    ],
    [
      'once a later stop saw it running and did not stop it',
      [
        [stop, hour(0)],
        [stop, hour(24, { status: 'failed', code: 'still-running' })],
      ],
    ],
    [
      'once a run that was blocked saw it running',
      [
        [stop, hour(0)],
        [stop, hour(24, { status: 'skipped', code: 'blocked' })],
      ],
    ],
  ])('%s', (_, noted) => {
    expect(open(noted)).toEqual([])
  })
})

test('the ledger goes back forty days', () => {
  expect(ledgerStart(START)).toBe(at(START - 40 * 24 * HOUR))
})

/** What a server does in an hour: a run of ours, or a person. */
const event = fc.constantFrom(
  'stop',
  'refused',
  'start',
  'start fails',
  'look',
  'person stops',
  'person starts',
)

/** Plays events on a server that is up, and notes what runs see; `ours`: whether a run stopped it and none saw it up since. */
function play(events: string[]): { noted: Noted[]; ours: boolean } {
  const noted: Noted[] = []
  let [isUp, ours, lastStop] = [true, false, -1]
  const note = (
    run: typeof stop | typeof start,
    hours: number,
    status: Settled['status'],
    code: OutcomeCode,
  ) => noted.push([run, hour(hours, { status, code })])
  const seenUp = () => {
    ours = false
  }
  const acts: Record<string, (hours: number) => void> = {
    'person stops': () => {
      isUp = false
    },
    'person starts': () => {
      isUp = true
    },
    stop(hours) {
      if (!isUp) return void note(stop, hours, 'skipped', 'already-stopped')
      lastStop = noted.length
      note(stop, hours, 'stopped', 'stopped')
      ;[isUp, ours] = [false, true]
    },
    refused(hours) {
      if (!isUp) return
      note(stop, hours, 'failed', 'refused')
      seenUp()
    },
    look(hours) {
      if (!isUp || lastStop < 0) return
      const [run, settled] = noted[lastStop]!
      noted[lastStop] = [run, { ...settled, restartedAt: at(START + hours * HOUR) }]
      seenUp()
    },
    start(hours) {
      // A start takes what is open and no other.
      if (!isUp && !ours) return
      if (isUp) note(start, hours, 'skipped', 'already-running')
      else note(start, hours, 'started', 'started')
      ;[isUp, ours] = [true, false]
    },
    'start fails'(hours) {
      if (!isUp && ours) note(start, hours, 'failed', 'no-capacity')
    },
  }
  events.forEach((one, hours) => {
    acts[one]!(hours)
  })
  return { noted, ours }
}

test('whatever persons and runs do, in whatever order the runs are read: what is open is what a run stopped and none saw up since', () => {
  const history = fc.array(event, { maxLength: 12 }).chain(events => {
    const played = play(events)
    return fc.record({
      played: fc.constant(played),
      read: fc.shuffledSubarray(played.noted, { minLength: played.noted.length }),
    })
  })
  fc.assert(
    fc.property(history, ({ played, read }) => {
      expect(open(read)).toEqual(played.ours ? ['s'] : [])
    }),
  )
})

test('a run is read where an outcome of it may tell of a server, and while it goes on', () => {
  const ended = { status: 'succeeded' } as const
  const codes = (...keys: string[]) => Object.fromEntries(keys.map(key => [key, 1]))
  const nothing = codes('skipped/already-stopped', 'skipped/protected')
  expect(tellsOfServers(aRun({ ...ended, codes: nothing }))).toBe(false)
  expect(tellsOfServers(aRun({ ...ended, codes: { ...nothing, ...codes('stopped/stopped') } }))).toBe(true)
  expect(tellsOfServers(aRun({ ...ended, codes: codes('failed/refused') }))).toBe(true)
  expect(tellsOfServers(aRun({ ...ended, action: 'start', codes: codes('failed/no-capacity') }))).toBe(false)
  expect(tellsOfServers(aRun({ status: 'running', codes: nothing }))).toBe(true)
})

test('no outcome but a stop opens a server', () => {
  for (const [code, statuses] of Object.entries(OUTCOME_CODES))
    for (const status of statuses)
      for (const run of [stop, start])
        expect(open([[run, hour(0, { status, code: code as OutcomeCode })]])).toEqual(
          status === 'stopped' ? ['s'] : [],
        )
})
