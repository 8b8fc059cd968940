import { expect, test } from 'vitest'
import { memoiseAnswers } from '../../../lib/core/schedule/memoised.ts'

test('an answer is remembered', () => {
  const answer = memoiseAnswers(2, (key: string) => ({ key }))
  expect(answer('a')).toBe(answer('a'))
  expect(answer('a')).toEqual({ key: 'a' })
})

test('all answers are forgotten when there would be more than allowed', () => {
  const answer = memoiseAnswers(2, (key: string) => ({ key }))
  const [a, b] = [answer('a'), answer('b')]
  expect([answer('a'), answer('b')]).toEqual([a, b])
  const c = answer('c')
  expect(answer('c')).toBe(c)
  expect(answer('a')).not.toBe(a)
})

test('what is thrown is not remembered', () => {
  let allowed = false
  const answer = memoiseAnswers(2, (key: string) => {
    if (!allowed) throw new Error(`no ${key}`)
    return { key }
  })
  expect(() => answer('a')).toThrow('no a')
  allowed = true
  expect(answer('a')).toEqual({ key: 'a' })
})
