import { describe, expect, test } from 'vitest'
import { MAX_LINES, outcomeLines } from '../../../lib/core/follow/outcome-lines.ts'
import type { Settled } from '../../../lib/core/model/outcome.ts'
import { at, members, START } from '../../makers.ts'

const settled = (overrides: Partial<Settled>): Settled => ({
  status: 'stopped',
  code: 'stopped',
  reason: 'seen off',
  mode: 'soft',
  jobId: 'j',
  requestId: null,
  requestedAt: at(START),
  endedAt: at(START),
  ...overrides,
})
const lines = (...all: Partial<Settled>[]) =>
  outcomeLines(
    { run: 'r', chunk: 2 },
    members(all.length).map((member, index) => [member, settled(all[index]!)]),
  )

describe('of servers that are settled', () => {
  test('one line counts them', () => {
    expect(lines({}, {}, {})).toEqual([
      {
        level: 'info',
        message: 'servers settled',
        fields: { run: 'r', chunk: 2, codes: { 'stopped/stopped': 3 } },
      },
    ])
  })

  test.each([
    ['failed', 'warn'],
    ['unconfirmed', 'warn'],
    ['skipped', 'debug'],
  ] as const)('each that %s has a line with level %s, its code and why', (status, level) => {
    expect(lines({}, { status, code: 'locked', reason: 'it is locked' })[1]).toEqual({
      level,
      message: `server ${status}`,
      fields: { run: 'r', chunk: 2, server: 's-1', name: 'dev-1', code: 'locked', reason: 'it is locked' },
    })
  })

  test('a thousand that failed alike do not drown the log', () => {
    const many = lines(...Array.from({ length: 1000 }, () => ({ status: 'failed' }) as const))
    expect(many).toHaveLength(1 + MAX_LINES)
    expect(many[0]!.fields.codes).toEqual({ 'failed/stopped': 1000 })
  })

  test('none make no line', () => {
    expect(lines()).toEqual([])
  })
})
