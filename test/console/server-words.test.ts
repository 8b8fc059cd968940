import { expect, test } from 'vitest'
import type { Server, Why } from '../../console/api/types.ts'
import { searchOf, sortServers, stateOf, whyWord } from '../../console/servers/words.ts'

const aFoundServer = (overrides: Partial<Server> = {}): Server => ({
  serverId: 'b',
  name: 'web-1',
  connection: 'prod',
  kind: 'ecs',
  status: 'ACTIVE',
  tags: {},
  policies: ['night'],
  nextStopAt: null,
  nextStartAt: null,
  protected: false,
  protectedBecause: null,
  snoozedUntil: null,
  snoozeReason: null,
  ...overrides,
})

test.each([
  ['  ', null],
  ['web-7', { name: '*web-7*' }],
  [' web-? ', { name: 'web-?' }],
  ['258aba7f-f7d1-6b3d-d4b5-8a98c7614701', { id: '258aba7f-f7d1-6b3d-d4b5-8a98c7614701' }],
  ['258ABA7FF7D16B3DD4B58A98C7614701', { id: '258ABA7FF7D16B3DD4B58A98C7614701' }],
  ['258aba7f-f7d1', { name: '*258aba7f-f7d1*' }],
])('of "%s" this is searched for: %j', (text, wanted) => {
  expect(searchOf(text)).toEqual(wanted)
})

test('protection counts before a snooze, and a snooze before that no policy is about it', () => {
  const snoozedUntil = '2026-11-22T09:00:00.000Z'
  expect(stateOf(aFoundServer({ protected: true, snoozedUntil }))?.word).toBe('protected')
  expect(stateOf(aFoundServer({ snoozedUntil, policies: [] }))?.word).toBe('snoozed')
  expect(stateOf(aFoundServer({ policies: [] }))?.word).toBe('no policy')
  expect(stateOf(aFoundServer())).toBeNull()
})

test('a policy stops a server, leaves it, or is not about it', () => {
  const word = (why: Partial<Why>) => whyWord(why as Why).word
  expect(word({ wouldStop: true, code: 'target' })).toBe('would stop it')
  expect(word({ wouldStop: false, code: 'locked' })).toBe('would leave it')
  expect(word({ wouldStop: false, code: 'not-selected' })).toBe('not about it')
})

test('servers stand in the order of their names, and those of one name in that of their ids', () => {
  const all = ['web-2 a', 'web-1 b', 'web-1 a'].map(text => {
    const [name, serverId] = text.split(' ') as [string, string]
    return aFoundServer({ name, serverId })
  })
  expect(sortServers(all).map(({ name, serverId }) => `${name} ${serverId}`)).toEqual([
    'web-1 a',
    'web-1 b',
    'web-2 a',
  ])
})
