import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { doubledName } from '../../../lib/core/documents/doubled-name.ts'

describe('a name that comes twice in one object is found, by its path', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":{"b":1},"c":[{"d":1},{"d":1,"e":[],"d":2}]}', 'c.1.d'],
    ['{"kind":"ecs","selector":{"tags":{"env":["a"],"env":["b"]}}}', 'selector.tags.env'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['[{},{"":1,"":2}]', '1.'],
    ['{"a":"\\"a\\":1,","b":"a","c":["a","a"]}', null],
    ['[{"a":1},{"a":1}]', null],
    ['"a"', null],
    ['{}', null],
  ])('%s: %s', (text, path) => {
    expect(doubledName(text)).toBe(path)
  })
})

property.prop([fc.jsonValue()])('no document that was written from an object has one', value => {
  expect(doubledName(JSON.stringify(value, null, 1))).toBeNull()
})

test('objects may lie in each other as deeply as they like', () => {
  expect(doubledName(`${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`)).toBeNull()
})
