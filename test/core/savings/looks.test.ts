import { expect, test } from 'vitest'
import { takesLong } from '../../../lib/core/savings/looks.ts'

const seen = (connection: string, fleet: number) => ({ connection, kind: 'ecs' as const, fleet })

test('a look is held where its listings together take longer than half a minute, four seconds a page', () => {
  expect(takesLong([])).toBe(false)
  expect(takesLong([seen('a', 7_000)])).toBe(false)
  expect(takesLong([seen('a', 7_001)])).toBe(true)
  expect(takesLong([seen('a', 4000), seen('b', 4000)])).toBe(true)
})

test('runs of one connection and kind are looked at by one listing', () => {
  expect(takesLong([seen('a', 5_000), seen('a', 5_000)])).toBe(false)
  expect(takesLong([seen('a', 9_000), seen('a', 5_000)])).toBe(true)
})

test('a look at a fleet that nobody counted may take long', () => {
  expect(takesLong([seen('a', 0)])).toBe(true)
  expect(takesLong([seen('a', 5_000), seen('b', 0)])).toBe(true)
})
