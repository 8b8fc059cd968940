import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, printableLines } from '../../../lib/core/model/printable.ts'

test.each([
  ['dev-web-01', 'dev-web-01'],
  ['a\tb\r\nc', 'a b c'],
  ['\u001b[2J\u0007', '\\u001b[2J\\u0007'],
  ['\u009b31m', '\\u009b31m'],
  ['gnp\u202e.exe', 'gnp\\u202e.exe'],
  ['键 é 👍', '键 é 👍'],
])('%j is printed as %s', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

property.prop([fc.string({ unit: 'binary' })])('nothing that a terminal acts on is left', text => {
  expect(printable(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
  expect(printableLines(text).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})
