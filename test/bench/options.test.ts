import { expect, test } from 'vitest'
import { optionsOf, SECTIONS } from '../../bench/options.ts'

test('without flags everything is measured', () => {
  expect(optionsOf([])).toMatchObject({
    sections: [...SECTIONS],
    servers: [1000, 10_000, 100_000],
    rounds: 3,
    quick: false,
    memoryServers: [100_000, 1_000_000],
    kind: 'ecs',
    latencyMs: 40,
    jobMs: 1000,
    quietSeconds: 60,
    subjects: [],
    out: null,
    plot: false,
    help: false,
  })
})

test('a quick look leaves out what takes minutes, and a hundred thousand servers', () => {
  const { sections, servers, rounds, quietSeconds } = optionsOf(['--quick'])
  expect(sections).toEqual(['contest', 'start', 'schedule', 'sign', 'counts', 'month'])
  expect([servers, rounds, quietSeconds]).toEqual([[1000, 5000], 1, 0])
})

test.for<[string[], object]>([
  [['--servers', '5000,200'], { servers: [200, 5000] }],
  [['--quick', '--only', 'memory', '--memory=7'], { sections: ['memory'], memoryServers: [7] }],
  [['--rounds', '5', '--kind', 'bms'], { rounds: 5, kind: 'bms' }],
  [['--latency', '0', '--job=0', '--quiet', '1'], { latencyMs: 0, jobMs: 0, quietSeconds: 1 }],
  [['--subject', 'mine=node a.mjs', '--subject', 'b=c=d'], { subjects: ['mine=node a.mjs', 'b=c=d'] }],
  [['--out', 'table.md'], { out: 'table.md' }],
  [['--plot'], { plot: true }],
  [['--help'], { help: true }],
])('%j is understood', ([args, expected]) => {
  expect(optionsOf(args)).toMatchObject(expected)
})

test.for<[string[], string]>([
  [['--servers', 'abc'], '--servers: expected a whole number from 1 to 9999999, got "abc"'],
  [['--servers', '1000,'], '--servers: expected a whole number from 1 to 9999999, got ""'],
  [['--servers', '0'], 'got "0"'],
  [['--servers', '1e3'], 'got "1e3"'],
  [['--memory', '-5'], "'--memory' argument is ambiguous"],
  [['--memory=-5'], '--memory: expected a whole number from 1 to 9999999, got "-5"'],
  [['--rounds', '0'], '--rounds: expected a whole number from 1 to 1000, got "0"'],
  [['--rounds', '2.5'], 'got "2.5"'],
  [['--kind', 'x'], '--kind: expected one of ecs, bms, got "x"'],
  [['--only', 'contest,stars'], '--only: expected one of contest, memory, '],
  [['--only='], 'got ""'],
  [['--latency', 'fast'], '--latency: expected a whole number from 0 to 3600000, got "fast"'],
  [['--quiet='], '--quiet: expected a whole number from 0 to 3600, got ""'],
  [['--subject', 'node a.mjs'], `--subject: expected NAME='COMMAND ARGUMENT …', got "node a.mjs"`],
  [['--twice'], "Unknown option '--twice'"],
  [['1000'], "Unexpected argument '1000'"],
])('%j is refused with what was expected and what came', ([args, message]) => {
  expect(() => optionsOf(args)).toThrow(message)
})
