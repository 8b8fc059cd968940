import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { mergePages } from '../../console/api/merge-pages.ts'
import type { Outcome, Run } from '../../console/api/types.ts'
import { againBody, maxServersOf } from '../../console/runs/actions/again-request.ts'
import { instantsOf, isFiltered, readFilters, runsQuery } from '../../console/runs/list-query.ts'
import {
  codesIn,
  countOutcomes,
  nameGlob,
  progressText,
  runPollMs,
  sharesOf,
} from '../../console/runs/outcome-words.ts'
import { csvCell, csvName, outcomesCsv } from '../../console/runs/outcomes/csv.ts'
import { actionText, isSnoozedRun, numbersText } from '../../console/words/run.ts'

const SUMMARY = {
  matched: 2050,
  targets: 2001,
  skipped: 49,
  stopped: 1900,
  started: 0,
  failed: 9,
  unconfirmed: 2,
  waiting: 90,
}
const CODES = {
  'stopped/stopped': 1890,
  'stopped/escalated': 10,
  'failed/still-running': 4,
  'failed/job-failed': 5,
  'unconfirmed/not-learnt': 2,
  'skipped/protected': 49,
}
const RUN = { action: 'stop', summary: SUMMARY, codes: CODES } as unknown as Run

describe('the bar of a run', () => {
  test('its shares are all that the run matched, each with its word', () => {
    const shares = sharesOf(RUN)
    expect(shares.map(({ count, label }) => `${count} ${label}`)).toEqual([
      '1900 stopped',
      '9 failed',
      '2 not confirmed',
      '90 wait or are followed',
      '49 skipped',
    ])
    expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(SUMMARY.matched)
  })

  test('a share names its codes, the most frequent first', () => {
    expect(sharesOf(RUN).map(({ codes }) => codes.map(({ code, count }) => `${count} ${code}`))).toEqual([
      ['1890 stopped', '10 escalated'],
      ['5 job-failed', '4 still-running'],
      ['2 not-learnt'],
      [],
      ['49 protected'],
    ])
  })

  test('a run that goes on says how many chunks are sent and followed, and how many servers are off', () => {
    const progress = { chunks: 3, sent: 2, followed: 1 }
    expect(progressText({ ...RUN, progress })).toBe(
      '2 of 3 chunks sent, 1 followed to the end, 1,900 of 2,001 servers off',
    )
    expect(progressText(RUN)).toBe('Looking up which servers match.')
  })
})

test('a run is asked for each three seconds while it goes on, and no more once it has ended', () => {
  expect(runPollMs(null)).toBe(3000)
  expect(runPollMs({ ...RUN, status: 'pending' })).toBe(3000)
  expect(runPollMs({ ...RUN, status: 'running' })).toBe(3000)
  expect(runPollMs({ ...RUN, status: 'partial' })).toBe(null)
})

test.each([
  [{ action: 'stop', undoes: null, policyId: 'a', dryRun: false }, 'stop'],
  [{ action: 'stop', undoes: null, policyId: 'a', dryRun: true }, 'stop, dry run'],
  [{ action: 'start', undoes: 'run', policyId: 'a', dryRun: false }, 'start (undo)'],
  [{ action: 'start', undoes: 'run', policyId: undefined, dryRun: false }, 'start'],
])('what the run %j does is called %s', (run, text) => {
  expect(actionText(run as Run)).toBe(text)
})

test('a dry run says whom it would have stopped, and never that it stopped nobody', () => {
  const summary = { ...SUMMARY, targets: 0, skipped: 2050, stopped: 0, failed: 0, unconfirmed: 0, waiting: 0 }
  const codes = { 'skipped/dry-run': 2001, 'skipped/protected': 49 }
  expect(numbersText({ ...RUN, dryRun: true, summary, codes })).toBe(
    '2,050 servers matched, 2,001 of them would be stopped',
  )
})

describe('the filter of servers', () => {
  test('says how many outcomes it leaves', () => {
    expect(countOutcomes(RUN)).toBe(1960)
    expect(countOutcomes(RUN, { status: 'failed' })).toBe(9)
    expect(countOutcomes(RUN, { status: 'failed', code: 'job-failed' })).toBe(5)
    expect(countOutcomes(RUN, { code: 'protected' })).toBe(49)
  })

  test('offers the codes that the run has', () => {
    expect(codesIn(RUN)).toEqual([
      'escalated',
      'job-failed',
      'not-learnt',
      'protected',
      'still-running',
      'stopped',
    ])
  })

  test.each([
    ['web', '*web*'],
    [' web ', '*web*'],
    ['web-*', 'web-*'],
    ['web-?', 'web-?'],
    ['', ''],
  ])('a name typed as %j asks for %j', (typed, glob) => {
    expect(nameGlob(typed)).toBe(glob)
  })
})

describe('the list of runs', () => {
  test('its address is the query of the API', () => {
    const filters = readFilters(new URLSearchParams('policy=nightly-dev&status=failed&bad=true&other=x'))
    expect(runsQuery(filters, 50)).toEqual({
      policyId: 'nightly-dev',
      connection: '',
      action: '',
      status: 'failed',
      bad: 'true',
      since: '',
      until: '',
      limit: 50,
    })
    expect(isFiltered(filters)).toBe(true)
    expect(isFiltered(readFilters(new URLSearchParams('other=x')))).toBe(false)
  })

  test('dates are whole days of the reader, the last one included', () => {
    const { since, until } = instantsOf({ since: '2026-11-20', until: '2026-11-20' })
    expect(since).toBe(new Date(2026, 10, 20).toISOString())
    expect(Date.parse(until)).toBe(new Date(2026, 10, 21).getTime() - 1)
  })

  test('what is no date is left for the API to refuse', () => {
    expect(instantsOf({ since: 'soon', until: '' })).toEqual({ since: 'soon', until: '' })
  })

  type Dated = Pick<Run, 'id' | 'dueAt'>
  const aRun = (id: string, dueAt: string): Dated => ({ id, dueAt })
  const listing = {
    keyOf: ({ id }: Dated) => id,
    isAfter: (run: Dated, last: Dated) => run.dueAt <= last.dueAt,
  }

  test('a run that a newer one pushed off the first page stays in the list', () => {
    const older = [aRun('b', '02'), aRun('a', '01')]
    const first = { items: [aRun('d', '04'), aRun('c', '03')], nextCursor: 'more' }
    expect(mergePages(first, older, listing).map(({ id }) => id)).toEqual(['d', 'c', 'b', 'a'])
  })

  test('a run that no longer belongs among those of the first page is gone', () => {
    const older = [aRun('c', '03'), aRun('a', '01')]
    const first = { items: [aRun('d', '04'), aRun('b', '02')], nextCursor: 'more' }
    expect(mergePages(first, older, listing).map(({ id }) => id)).toEqual(['d', 'b', 'a'])
  })

  test('a first page that is the last one is the whole list', () => {
    const first = { items: [aRun('d', '04')], nextCursor: null }
    expect(mergePages(first, [aRun('a', '01')], listing)).toEqual(first.items)
  })

  test.prop([fc.array(fc.nat(20)), fc.array(fc.nat(20))])('no run stands twice', (first, older) => {
    const items = (ids: number[]) => ids.map(id => aRun(String(id), String(id)))
    const page = { items: items([...new Set(first)]), nextCursor: 'more' }
    const merged = mergePages(page, items(older), listing)
    expect(new Set(merged.map(({ id }) => id)).size).toBe(merged.length)
  })
})

describe('a run made again', () => {
  const choices = { dryRun: false, overrideLimits: false }
  const policy = {
    connection: 'prod',
    kind: 'ecs',
    selector: { all: true },
    exclude: {},
    limits: { maxServers: 20 },
    mode: 'soft',
    haltShare: 0.1,
    webhook: null,
  }

  test('of a policy names the policy alone: it runs as it stands by then', () => {
    expect(againBody({ policyId: 'nightly-dev', policy, action: 'start' }, choices)).toEqual({
      policyId: 'nightly-dev',
      action: 'start',
      ...choices,
    })
  })

  test('of a policy with several connections is in the one of the run', () => {
    const several = { ...policy, connections: ['prod-*'] }
    const run = { policyId: 'nightly-dev', policy: several, connection: 'prod-a', action: 'stop' as const }
    expect(againBody(run, choices)).toMatchObject({ policyId: 'nightly-dev', connection: 'prod-a' })
  })

  test('of an ad hoc stop repeats its target', () => {
    expect(againBody({ policy, action: 'stop' }, choices)).toEqual({ ...policy, action: 'stop', ...choices })
  })

  test('of an ad hoc start leaves out what concerns stops alone', () => {
    const { mode: _, haltShare: __, ...target } = policy
    expect(againBody({ policy, action: 'start' }, choices)).toEqual({
      ...target,
      action: 'start',
      ...choices,
    })
  })

  test('heeds the limit that it ran with', () => {
    expect(maxServersOf({ policy })).toBe(20)
    expect(maxServersOf({})).toBe(null)
  })
})

/** Reads what RFC 4180 says. */
function parsedCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, cell, end] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)) {
    rows.at(-1)!.push(cell!.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

describe('CSV', () => {
  const OUTCOME: Outcome = {
    serverId: 'id',
    name: 'web-1',
    status: 'stopped',
    code: 'stopped',
    reason: 'seen off',
    mode: 'soft',
    jobId: null,
    requestId: null,
    requestedAt: null,
    endedAt: '2026-11-20T12:00:00.000Z',
  }

  test.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['a=1', '"a=1"'],
    ['say "no"', '"say ""no"""'],
    [null, '""'],
  ])('the cell %j is written %s', (value, cell) => {
    expect(csvCell(value)).toBe(cell)
  })

  test.prop([fc.array(fc.record({ name: fc.string(), reason: fc.string() }))])(
    'what is written is read again, whatever names and reasons hold, and no cell is a formula',
    texts => {
      const rows = parsedCsv(outcomesCsv(texts.map(text => ({ ...OUTCOME, ...text }))))
      expect(rows).toHaveLength(texts.length + 1)
      for (const [place, { name, reason }] of texts.entries()) {
        const cells = rows[place + 1]!
        expect(cells).toHaveLength(rows[0]!.length)
        expect([cells[1]!.replace(/^'/, ''), cells[4]!.replace(/^'/, '')]).toEqual([
          name.replace(/^'/, ''),
          reason.replace(/^'/, ''),
        ])
        expect(cells.filter(cell => /^[=+\-@]/.test(cell))).toEqual([])
      }
    },
  )

  test('the file is named after the run, by letters that every system takes', () => {
    expect(csvName('nightly-dev.20261120T120000Z')).toBe('nightly-dev.20261120T120000Z.csv')
    expect(csvName('a/b:c')).toBe('a_b_c.csv')
  })
})

test('a run that a person cancelled is not said to be snoozed, whatever the reason', () => {
  const cancelled = { status: 'cancelled', reason: 'snoozed until 2026-11-21T01:00:00Z: release' } as Run
  const cancel = { at: '2026-11-20T12:00:10Z', actor: 'ops', reason: 'snoozed too late' }
  expect(isSnoozedRun(cancelled)).toBe(true)
  expect(isSnoozedRun({ ...cancelled, reason: cancel.reason, cancel })).toBe(false)
})
