/** A feed, read by a parser that others wrote in another language: icalendar for Python. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { feedMarks, feedRange, orderedMarks } from '../../lib/core/overview/feed/marks.ts'
import { feedText } from '../../lib/core/overview/feed/text.ts'
import { aPolicy, START } from '../makers.ts'

const PYTHON = process.env.METRICS_PYTHON ?? '.build/moto/bin/python'
const PARSE = `
import icalendar, json, sys
events = icalendar.Calendar.from_ical(sys.argv[1]).walk('VEVENT')
print(json.dumps([[str(e['UID']), e.decoded('DTSTART').isoformat(), str(e['STATUS']), int(e['SEQUENCE']),
    str(e['SUMMARY']), str(e['DESCRIPTION']), len(e.errors)] for e in events]))
`

test('a parser in another language reads each event of a feed as it was meant', async () => {
  if (!existsSync(PYTHON))
    throw new Error(`expected a Python with icalendar at ${PYTHON}, or named in METRICS_PYTHON`)
  const said = 'a,b;c\\d\ne\\,f\\;g: "夜"'
  const policy = aPolicy({
    id: 'nightly',
    description: said,
    start: { cron: '0 7 * * *' },
    schedule: { cron: '0 20 * * *', timeZone: 'Asia/Shanghai', skipDates: ['2026-11-24'] },
  })
  const switches = { connection: { enabled: true }, stopsEnabled: true, startsEnabled: true }
  const range = feedRange(START)
  const { marks } = feedMarks(policy, { now: START, range, switches, runs: [], changedMs: 0 })
  const head = { name: said, notes: [], publicUrl: 'https://curfew.example.com' }
  const text = feedText(head, orderedMarks(marks), 2_000_000)
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', PARSE, text])
  const read: [string, string, string, number, string, string, number][] = JSON.parse(stdout)
  const shown = orderedMarks(marks).map(({ id, dueMs, skippedBecause }) => [
    `${id}@curfew.example.com`,
    new Date(dueMs).toISOString().replace('.000Z', '+00:00'),
    skippedBecause === null ? 'CONFIRMED' : 'CANCELLED',
  ])
  expect(read.map(event => event.slice(0, 3))).toEqual(shown)
  expect(shown.filter(([, , status]) => status === 'CANCELLED')).toHaveLength(2)
  for (const [, , , sequence, , description, errors] of read) {
    expect(sequence).toBeGreaterThan(0)
    expect(description.endsWith(said)).toBe(true)
    expect(errors).toBe(0)
  }
})
