import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { seenIds } from '../../lib/cloud/seen-ids.ts'

const numbered = (number: number): string =>
  `00000000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`
const anId = fc.oneof(
  fc.uuid(),
  fc.nat({ max: 3000 }).map(numbered),
  fc.nat({ max: 300 }).map(number => numbered(number * 2 ** 32)),
  fc.uuid().map(id => id.toUpperCase()),
  fc.string({ maxLength: 3 }),
)

/** What was new of some ids, as a set of their texts has it. */
function newOnes(ids: string[]): boolean[] {
  const seen = new Set<string>()
  return ids.map(id => {
    const before = seen.size
    return seen.add(id).size > before
  })
}

test.prop([fc.array(anId, { maxLength: 5000, size: 'max' })])(
  'tells the ids that were seen as a set of their texts does, of whatever form they are',
  ids => {
    const seen = seenIds()
    expect(ids.map(id => seen.add(id))).toEqual(newOnes(ids))
    expect(seen.size()).toBe(new Set(ids).size)
  },
)

test('a hundred thousand ids in a row are each new once', () => {
  const seen = seenIds()
  const ids = Array.from({ length: 100_000 }, (_, number) => numbered(number))
  expect(ids.filter(id => !seen.add(id))).toEqual([])
  expect(ids.filter(id => seen.add(id))).toEqual([])
  expect(seen.size()).toBe(100_000)
})
