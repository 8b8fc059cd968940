import { beforeAll, expect, test } from 'vitest'
import { buildContest } from '../../bench/contest/build.ts'
import { contest, contestTable, type Row } from '../../bench/contest/contest.ts'
import { contestants, subject } from '../../bench/contest/contestants.ts'

/** Says that every server is off, and asks for nothing. */
const LIAR = `liar=${process.execPath} -e console.log('{"stopped":902,"failed":0}')`
const NAMES = ['limit', 'limit-marker', 'sdk-all', 'sdk-sequential', 'curfew']
const SERVERS = 1_500
let rows: Row[]

const seen = (name: string) => rows.find(row => row.name === name)!.rounds[0]!

beforeAll(async () => {
  await buildContest()
  rows = await contest({
    settings: { servers: SERVERS, latencyMs: 0, jobMs: 20 },
    contestants: [...contestants(NAMES), subject(LIAR)],
    rounds: 1,
    pollMs: 50,
  })
})

test.each(NAMES)('%s stops every server that is up, once, and says so', name => {
  const { isTrue, stoppedShare, seen: counted } = seen(name)
  expect([isTrue, stoppedShare]).toEqual([true, 1])
  expect(counted.fleets.ecs!.up).toBe(0)
})

test.each([
  ['limit', 4, 0],
  ['limit-marker', 4, 0],
  ['sdk-all', 2, 2],
  ['sdk-sequential', 2, 2],
])('%s lists as often as it is to: %i times', (name, lists) => {
  expect(seen(name).seen.byRoute).toMatchObject({ list: lists, stop: 2 })
})

test('Curfew plans with the same lists, stops with the same calls, and signs each of its requests', () => {
  const { byRoute, listsBeforeStops, signed, requests } = seen('curfew').seen
  expect([listsBeforeStops, byRoute.stop, signed]).toEqual([2, 2, requests])
})

test('what the functions use is told apart from what AWS and the cloud use', () => {
  const [functions, ...others] = seen('curfew').processes
  expect(others).toEqual([])
  expect(functions!.name).toBe('functions')
  expect(functions!.rssMb).toBeGreaterThan(50)
  expect(functions!.cpuMs).toBeGreaterThan(50)
})

test('who says what is not so is found out', () => {
  expect(seen('liar')).toMatchObject({ isTrue: false, stoppedShare: 0 })
  expect(contestTable(rows)).toMatch(/\| liar \| NO, 0 % stopped \|.* – \| – \| – \| – \|/)
})

test('a contestant that is not known is refused by name', () => {
  expect(() => contestants(['limit', 'winner'])).toThrow('got "winner"')
})
