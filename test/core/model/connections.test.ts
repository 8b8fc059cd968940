import { describe, expect, test } from 'vitest'
import { aboutConnection, connectionsOf, hasPatterns } from '../../../lib/core/model/connection.ts'

const THERE = ['prod-b', 'lab', 'prod-a', 'staging']

describe('the connections that a policy is about', () => {
  test('of one that it names it is that one, whatever connections there are', () => {
    expect(connectionsOf({ connection: 'prod-a' }, [])).toEqual(['prod-a'])
    expect(hasPatterns({ connection: 'prod-a' })).toBe(false)
  })
  test('are those that its globs match then, and those that it names, there or not: in order, each once', () => {
    expect(connectionsOf({ connections: ['prod-*', 'prod-a', 'gone'] }, THERE)).toEqual([
      'gone',
      'prod-a',
      'prod-b',
    ])
    expect(connectionsOf({ connections: ['la?'] }, THERE)).toEqual(['lab'])
    expect(connectionsOf({ connections: ['test-*'] }, THERE)).toEqual([])
  })
  test('are known without a look at those there are, where it has no glob', () => {
    expect(hasPatterns({ connections: ['lab', 'prod-a'] })).toBe(false)
    expect(hasPatterns({ connections: ['lab', 'prod-*'] })).toBe(true)
  })
  test('are told by one id, too', () => {
    const isAbout = aboutConnection({ connections: ['prod-*', 'lab'] })
    expect(['prod-a', 'lab', 'prod', 'laboratory'].filter(isAbout)).toEqual(['prod-a', 'lab'])
    expect(['prod-a', 'prod-b'].filter(aboutConnection({ connection: 'prod-a' }))).toEqual(['prod-a'])
  })
})
