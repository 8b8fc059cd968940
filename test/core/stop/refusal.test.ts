import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Chunk, Request, WholeChunk } from '../../../lib/core/model/chunk.ts'
import { applyRefusal, settleRefused } from '../../../lib/core/stop/refusal.ts'
import { aCloudError, aPolicy, aRequest, aServer, aWhole, type ServerOverrides, START } from '../../makers.ts'
import { type Exchanged, exchange } from './exchange.ts'

const LOCKED = { locked: true }
const places = (count: number, step = 1) => new Set(Array.from({ length: count }, (_, i) => i * step))

/** Calls more than the one that a chunk costs without bad members; a read takes a call for each hundred ids. */
const extraCalls = ({ requests, reads }: Exchanged): number =>
  requests.length - 1 + reads.reduce((sum, ids) => sum + Math.ceil(ids / 100), 0)
const codes = ({ whole }: Exchanged) => [...whole.settled].map(([member, { code }]) => `${member} ${code}`)
const taken = ({ whole }: Exchanged) => whole.chunk.requests.flatMap(({ members }) => members)

describe('one bad id of 1000', () => {
  test('costs at most 20 calls more, wherever it stands, though nothing shows it', () => {
    const all = Array.from({ length: 1000 }, (_, place) => exchange({ size: 1000, bad: new Set([place]) }))
    expect(Math.max(...all.map(extraCalls))).toBeLessThanOrEqual(13)
    expect(all.flatMap(codes)).toEqual(all.map((_, place) => `${place} refused`))
    expect(all.every(one => new Set(taken(one)).size === 999)).toBe(true)
  })

  test('costs two calls more where the answer names it: for the others, and to look at it', () => {
    const one = exchange({ size: 1000, bad: new Set([700]), named: true, looks: LOCKED })
    expect(one.requests.map(({ size }) => size)).toEqual([1000, 999])
    expect(one.reads).toEqual([1])
    expect(codes(one)).toEqual(['700 locked'])
  })
})

describe('many bad ids', () => {
  test('that a read shows cost no more than one and the read', () => {
    const many = exchange({ size: 1000, bad: places(300, 3), looks: LOCKED })
    expect(extraCalls(many)).toBeLessThanOrEqual(25)
    expect(taken(many)).toHaveLength(700)
    expect(new Set([...many.whole.settled.values()].map(({ code }) => code))).toEqual(new Set(['locked']))
  })

  test.each([
    [2, 40],
    [10, 130],
    [100, 700],
    [1000, 1050],
  ])('%i that nothing shows cost at most %i calls more', (count, most) => {
    const many = exchange({ size: 1000, bad: places(count, 1000 / count) })
    expect(extraCalls(many)).toBeLessThanOrEqual(most)
    expect(many.whole.settled.size).toBe(count)
    expect(taken(many)).toHaveLength(1000 - count)
  })
})

test.each([false, true])('a thousand refusals find room in one item, named or not (%s)', named => {
  const { whole, asks } = exchange({ size: 1000, bad: places(1000), named })
  expect(asks).toBeLessThanOrEqual(60)
  expect([...whole.settled.values()].filter(({ code }) => code === 'refused')).toHaveLength(1000)
  expect(whole.settled.get(0)!.reason).toContain(', request r-')
  expect(whole.settled.get(999)!.reason).not.toContain(', request r-')
})

test('an answer that names all of them names nobody: they are suspects', () => {
  const named = aCloudError('member', { serverIds: ['s-0', 's-1', 's-2'] })
  expect(applyRefusal(sending(), named, START)).toMatchObject({
    advance: { chunk: { todo: [{ members: [0, 1, 2], suspect: true }] } },
  })
})

describe('a refusal that lays it to nobody', () => {
  const UNATTRIBUTED = { refusalClass: 'unattributed', code: 'Ecs.0219' } as const

  test('costs at most 14 calls more for one bad server of 200, wherever it stands', () => {
    const all = Array.from({ length: 200 }, (_, place) =>
      exchange({ size: 200, bad: new Set([place]), code: 'Ecs.0219', refusalClass: 'unattributed' }),
    )
    expect(all.every(one => new Set(taken(one)).size === 199)).toBe(true)
    expect(Math.max(...all.map(extraCalls))).toBeLessThanOrEqual(14)
  })

  test('of two bad servers in different halves sinks neither half', () => {
    const two = exchange({ size: 200, bad: new Set([20, 180]), ...UNATTRIBUTED })
    expect(new Set(taken(two)).size).toBe(198)
    expect(two.requests.slice(0, 3)).toMatchObject([
      { size: 200, taken: false },
      { size: 100, taken: false },
      { size: 1, taken: true },
    ])
  })

  test.each([
    [1000, [1000, 500, 1]],
    [3, [3, 2, 1]],
    [2, [2, 1, 1]],
  ])(
    'is the request’s own for all of %i after a half and a single server are refused alike',
    (size, sizes) => {
      const all = exchange({ size, bad: new Set(), refusesAll: true, ...UNATTRIBUTED })
      expect(all.requests.map(request => request.size)).toEqual(sizes)
      expect(all.reads).toEqual([])
      expect([...all.whole.settled.values()].map(({ code }) => code)).toEqual(Array(size).fill('refused'))
      expect(all.whole.settled.get(0)?.reason).toMatch(/refused alike, so it is not down to a server/)
    },
  )

  test('of a single server is that server’s: it is read, and asked by the native call', () => {
    const one = exchange({ size: 1, bad: places(1), ...UNATTRIBUTED })
    expect(one.requests.map(({ size, call }) => `${call} ${size}`)).toEqual(['request 1', 'requestEach 1'])
    expect(one.reads).toEqual([1, 1])
  })

  test('in other words each time is no request’s own', () => {
    const codes = ['Ecs.0219', 'Ecs.0220', 'Ecs.0221']
    let whole = sending()
    for (const code of codes) {
      const answered = applyRefusal(whole, aCloudError('unattributed', { code }), START)
      const { chunk } = answered.kind === 'advance' ? answered.advance : answered
      expect(chunk.todo.flatMap(({ members }) => members).sort()).toEqual([0, 1, 2])
      const [ask] = chunk.todo
      const members = ask!.members.slice(0, 1)
      const sent = pending({ members })
      const rest = ask!.members.slice(1)
      const todo = [...(rest.length > 0 ? [{ ...ask!, members: rest }] : []), ...chunk.todo.slice(1)]
      whole = sending({ todo, requests: [sent] })
    }
  })
})

describe('too many ids in a request', () => {
  test.each([1000, 999, 500, 300, 1])(
    'are halved until a request of %i is taken, and nobody is blamed',
    most => {
      const { whole, requests, reads } = exchange({ size: 1000, bad: new Set(), most })
      expect(whole.settled.size).toBe(0)
      expect(reads).toEqual([])
      expect(requests.filter(({ taken }) => taken).every(({ size }) => size <= most)).toBe(true)
      expect(requests.filter(({ taken }) => taken).reduce((sum, { size }) => sum + size, 0)).toBe(1000)
    },
  )
})

const settings = {
  size: fc.integer({ min: 1, max: 60 }),
  bad: fc.uniqueArray(fc.nat({ max: 59 }), { maxLength: 60 }),
  named: fc.boolean(),
  looks: fc.constantFrom<ServerOverrides>(
    {},
    LOCKED,
    { status: 'SHUTOFF' },
    { tags: { 'curfew-protect': '' } },
  ),
  refusalClass: fc.constantFrom('member', 'unattributed'),
  code: fc.constantFrom('Ecs.0605', 'Ecs.0100', 'Ecs.0114', 'conflictingRequest'),
  most: fc.constantFrom(1000, 7),
}
property.prop([fc.record(settings)])(
  'whoever is bad: every good one is taken once, no bad one is, and every bad one is settled once',
  ({ size, bad, ...rest }) => {
    // With nobody good, or the single server that is tried a bad one, no answer tells that it is the servers.
    const guilty = bad.filter(place => place < size)
    fc.pre(rest.refusalClass === 'member' || guilty.length < 2)
    const one = exchange({ size, bad: new Set(guilty), ...rest })
    const good = Array.from({ length: size }, (_, place) => place).filter(place => !guilty.includes(place))
    expect(taken(one).sort((a, b) => a - b)).toEqual(good)
    expect([...one.whole.settled.keys()].sort((a, b) => a - b)).toEqual(guilty.sort((a, b) => a - b))
  },
)

const pending = (overrides: Partial<Request> = {}): Request =>
  aRequest({
    members: [0, 1, 2],
    answer: 'pending',
    jobId: null,
    requestId: null,
    job: 'running',
    ...overrides,
  })
const sending = (overrides: Partial<Chunk> = {}): WholeChunk =>
  aWhole({ status: 'sending', todo: [], requests: [pending()], ...overrides })
const ALL = { members: [0, 1, 2], mode: 'soft', escalation: false }

describe('a refusal that is no fault of a member', () => {
  test.each(['throttled', 'unavailable'] as const)(
    '%s: the same is asked again later, and never halved',
    kind => {
      expect(applyRefusal(sending(), aCloudError(kind), START)).toMatchObject({
        kind: 'again',
        delaySeconds: 5,
        chunk: { status: 'waiting', todo: [ALL], requests: [], troubles: 1 },
      })
    },
  )

  test('as late as the cloud asks', () => {
    expect(applyRefusal(sending(), aCloudError('throttled', { retryAfterSeconds: 77 }), START)).toMatchObject(
      {
        delaySeconds: 77,
      },
    )
  })

  test.each([
    [1, 5],
    [2, 10],
    [6, 160],
    [7, 300],
    [12, 300],
  ])('the %ith in a row waits %i seconds', (troubles, delaySeconds) => {
    const whole = sending({ troubles: troubles - 1 })
    expect(applyRefusal(whole, aCloudError('throttled'), START)).toMatchObject({
      kind: 'again',
      delaySeconds,
    })
  })

  test.each([
    ['throttled', 12, 'throttled'],
    ['unavailable', 12, 'unavailable'],
    ['credentials', 0, 'credentials'],
    ['refused', 0, 'refused'],
  ] as const)('%s after %i in a row: given up as failed, code %s', (kind, troubles, code) => {
    const result = applyRefusal(sending({ troubles }), aCloudError(kind), START)
    expect(result).toMatchObject({ kind: 'advance', advance: { chunk: { todo: [], requests: [] } } })
    const settled = result.kind === 'advance' ? [...result.advance.settled.values()] : []
    expect(settled).toHaveLength(3)
    expect(settled[0]).toMatchObject({ status: 'failed', code, reason: `it said ${kind}`, requestedAt: null })
  })

  test('an unclear answer: it counts as sent, and its servers will tell', () => {
    expect(applyRefusal(sending(), aCloudError('ambiguous'), START)).toMatchObject({
      advance: { chunk: { status: 'following', todo: [], requests: [{ answer: 'lost', job: 'ended' }] } },
    })
  })
})

describe('a second request that is refused', () => {
  const soft = pending({ answer: 'accepted', jobId: 'j', job: 'ended' })
  const hard = pending({ mode: 'hard', escalation: true, members: [2] })

  test('settles nobody: it counts as a try, and the server is followed', () => {
    const whole = sending({ requests: [soft, hard] })
    const first = applyRefusal(whole, aCloudError('member'), START)
    const { chunk } = first.kind === 'advance' ? first.advance : first
    const servers = new Map([['s-2', aServer({ id: 's-2', taskState: 'powering-off' })]])
    const second = settleRefused({ ...whole, chunk }, { servers, selecting: aPolicy(), now: START })
    expect(second.settled.size).toBe(0)
    expect(second.chunk).toMatchObject({
      status: 'following',
      todo: [],
      requests: [soft],
      refused: [{ members: [2], escalation: true }],
    })
  })

  test('whose cause is no member counts as a try, too', () => {
    const result = applyRefusal(sending({ requests: [soft, hard] }), aCloudError('refused'), START)
    expect(result).toMatchObject({
      advance: { chunk: { requests: [soft], refused: [{ members: [2], escalation: true }] } },
    })
  })
})

describe('who a refusal is laid to', () => {
  const verdict = (server: ServerOverrides | null) => {
    const refusal = { code: 'Ecs.0110', cause: 'forbidden' as const, message: 'no' }
    const whole = aWhole({ todo: [{ members: [1], mode: 'soft', escalation: false, refusal }] })
    const servers = new Map(server ? [['s-1', aServer(server)]] : [])
    return settleRefused(whole, { servers, selecting: aPolicy(), now: START }).settled.get(1)
  }

  test.each([
    ['is off', { status: 'SHUTOFF' }, 'skipped', 'already-stopped'],
    ['is gone', null, 'failed', 'not-found'],
    ['is locked', { locked: true }, 'failed', 'locked'],
    ['is frozen', { frozen: true }, 'failed', 'frozen'],
    ['is busy', { taskState: 'rebooting' }, 'failed', 'busy'],
    ['is off and starting', { status: 'SHUTOFF', taskState: 'powering-on' }, 'failed', 'busy'],
    ['looks as ever', {}, 'failed', 'refused'],
  ] as const)('%s: %j is %s, %s, with the words of the cloud', (_, server, status, code) => {
    expect(verdict(server)).toMatchObject({ status, code, reason: 'Ecs.0110: no', requestedAt: null })
  })
})
