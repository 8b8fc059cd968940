import { expect, test } from 'vitest'
import { ALL_TAKEN } from '../../../lib/core/model/accepted.ts'
import type { WholeChunk } from '../../../lib/core/model/chunk.ts'
import { applyAccepted, withPendingRequest } from '../../../lib/core/stop/chunk-transitions.ts'
import { applyRefusal } from '../../../lib/core/stop/refusal.ts'
import { aCloudError, at, aWhole, START } from '../../makers.ts'

const SIZE = 1000
const places = Array.from({ length: SIZE }, (_, place) => place)

/** Asks each server alone, one a tenth of a second, from an instant on. */
function askEach(
  whole: WholeChunk,
  fromMs: number,
  answer: (asked: WholeChunk, now: number) => ReturnType<typeof applyRefusal>,
): WholeChunk {
  let { chunk } = whole
  for (const place of places) {
    const now = fromMs + place * 100
    const ask = { members: [place], mode: 'soft' as const, escalation: false }
    const asked = withPendingRequest({ ...chunk, todo: [ask] }, ask, now)
    const result = answer({ ...whole, chunk: asked }, now)
    chunk = result.kind === 'advance' ? result.advance.chunk : chunk
  }
  return { ...whole, chunk }
}

const refuse = (asked: WholeChunk, now: number) =>
  applyRefusal(asked, aCloudError('member', { code: 'Ecs.0319', cause: 'no-capacity' }), now)
const refuseEach = (asked: WholeChunk) =>
  applyAccepted(asked, {
    ...ALL_TAKEN,
    jobId: null,
    requestId: null,
    refused: [
      {
        ids: [asked.servers[asked.chunk.requests.at(-1)!.members[0]!]!.id],
        code: '400',
        cause: 'no-capacity' as const,
        message: 'No valid host',
      },
    ],
  })

test.each([
  ['as a whole', refuse],
  ['one by one', refuseEach],
])(
  'requests for one server each that are refused alike, %s, stay few: an item has room for them',
  (_, answer) => {
    const first = askEach(aWhole({ size: SIZE, todo: [] }), START, answer)
    const again = askEach(first, START + 300_000, answer)
    expect(again.chunk.requests.length).toBeLessThan(10)
    for (const place of places) {
      const own = again.chunk.requests.filter(({ members }) => members.includes(place))
      expect(own.map(({ answer }) => answer)).toEqual(['deferred', 'deferred'])
      const [one, other] = own.map(({ sentAt }) => Date.parse(sentAt))
      expect(other! - one!).toBeGreaterThan(200_000)
    }
  },
)

test('a refusal that was published, or is older than a minute, takes no other in', () => {
  const asked = (place: number, now: number, requests: WholeChunk['chunk']['requests']) => {
    const ask = { members: [place], mode: 'soft', escalation: false } as const
    const before = aWhole({ size: 2, todo: [], requests })
    const chunk = withPendingRequest(before.chunk, { ...ask, members: [place] }, now)
    const result = refuse({ ...before, chunk }, now)
    return result.kind === 'advance' ? result.advance.chunk.requests : []
  }
  const first = asked(0, START, [])
  expect(asked(1, START + 59_000, first)).toHaveLength(1)
  expect(asked(1, START + 60_000, first)).toHaveLength(2)
  expect(
    asked(
      1,
      START,
      first.map(one => ({ ...one, toldAt: at(START) })),
    ),
  ).toHaveLength(2)
  expect(asked(0, START + 1000, first)).toHaveLength(2)
})
