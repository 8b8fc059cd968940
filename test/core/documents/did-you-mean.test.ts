import { expect, test } from 'vitest'
import { nearestWord } from '../../../lib/core/documents/did-you-mean.ts'

const fields = ['selector', 'schedule', 'connection', 'kind', 'mode', 'id']

test.each([
  ['selektor', 'selector'],
  ['Schedule', 'schedule'],
  ['conection', 'connection'],
  ['modes', 'mode'],
  ['ids', 'id'],
  ['kidn', 'kind'],
  ['webhook', null],
  ['x', null],
  ['', null],
])('%s: %s was meant', (word, meant) => {
  expect(nearestWord(word, fields)).toBe(meant)
})

test('the nearest of several is taken, the first of equally near ones', () => {
  expect(nearestWord('dev', ['deva', 'dev1', 'dev'])).toBe('dev')
  expect(nearestWord('dev', ['deva', 'devb'])).toBe('deva')
})

test('a word too long to have been mistyped resembles none', () => {
  const long = 'x'.repeat(100_000)
  expect(nearestWord(long, [long])).toBeNull()
})
