import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { globMatches } from '../../../lib/core/model/glob.ts'

describe('a glob', () => {
  const escaped = (text: string) => text.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const asRegExp = (glob: string) =>
    new RegExp(`^${escaped(glob).replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`, 'u')
  const letters = (alphabet: string) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map(all => all.join(''))

  property.prop([letters('ab.*?[é😀'), letters('ab.*[é😀')])(
    'matches as a pattern of * and ? does',
    (glob, text) => {
      expect(globMatches(glob, text)).toBe(asRegExp(glob).test(text))
    },
  )

  property.prop([letters('ab?'), letters('ab')])('finds parts of any length', (part, text) => {
    const long = part.repeat(9)
    expect(globMatches(`*${long}*`, text.repeat(20))).toBe(asRegExp(`*${long}*`).test(text.repeat(20)))
  })

  test.each([
    ['dev-?', 'dev-😀', true],
    ['dev-??', 'dev-😀', false],
    ['?', '键', true],
    ['*?', '😀', true],
  ])('%s matches %s: %s: one ? is one character, not half of one', (glob, text, expected) => {
    expect(globMatches(glob, text)).toBe(expected)
  })

  test('takes no time that grows out of hand', () => {
    expect(globMatches(`${'a*'.repeat(100)}b`, 'a'.repeat(10_000))).toBe(false)
  })
})
