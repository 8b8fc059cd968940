import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import type { Policy } from '../../console/api/types.ts'
import { type CronWords, cronWords } from '../../console/policies/cron-words.ts'
import { policySentence, policySentences } from '../../console/policies/sentence.ts'
import { cronProblem } from '../../lib/core/schedule/cron.ts'
import { dueTimes } from '../../lib/core/schedule/due-times.ts'
import { anAcceptedCron } from '../core/schedule/schedule-crons.ts'
import { aPolicy } from '../makers.ts'

const words = (cron: string): string => {
  const found = cronWords(cron)
  return found === null ? 'as it is' : `${found.times} ${found.days}`.trim()
}

describe('a cron in words', () => {
  test.each([
    ['0 20 * * 1-5', 'at 20:00 on weekdays'],
    ['0 20 * * MON-FRI', 'at 20:00 on weekdays'],
    ['5 7 * * *', 'at 07:05 every day'],
    ['0 19 * * 5', 'at 19:00 on Fridays'],
    ['0 8,12,18 * * 0,6', 'at 08:00, 12:00 and 18:00 on Saturdays and Sundays'],
    ['30 22 * * sat', 'at 22:30 on Saturdays'],
    ['0 20 * * 1-4', 'at 20:00 from Monday to Thursday'],
    ['0 20 * * fri-sun', 'at 20:00 from Friday to Sunday'],
    ['0 20 1,15 * *', 'at 20:00 on the 1st and the 15th of each month'],
    ['0 20 22-31 * *', 'at 20:00 from the 22nd to the 31st of each month'],
    ['0 20 L * *', 'at 20:00 on the last day of each month'],
    ['0 20 L 6 *', 'at 20:00 on the last day of June'],
    ['0 20 * * 5L', 'at 20:00 on the last Friday of the month'],
    ['0 20 * * 5#2', 'at 20:00 on the second Friday of the month'],
    ['0 20 * 4-9 1-5', 'at 20:00 on weekdays from April to September'],
    ['0 20 * 1,7 *', 'at 20:00 every day in January and July'],
    ['0 20 1 * 5', 'at 20:00 on the 1st of each month, and on Fridays'],
    ['0 20 1 * 0-6', 'at 20:00 every day'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['* * * * *', 'every minute'],
    ['30 * * * 1-5', 'every hour at minute 30 on weekdays'],
    ['0 */2 * * *', 'every 2 hours from 00:00 to 22:00'],
    ['0 8-18 * * 1-5', 'every hour from 08:00 to 18:00 on weekdays'],
    ['*/20 8-18 * * *', 'every 20 minutes from 08:00 to 18:40'],
  ])('%s: %s', (cron, expected) => {
    expect(words(cron)).toBe(expected)
  })

  test.each([
    '0 20 */2 * 1-5',
    '7,11,13 * * * *',
    '0 20 1,3,5,7,9,11,13 * *',
    '0 20 * *',
    'nothing',
    '0 25 * * *',
    '0 20 * * 5-1',
  ])('%s has no common form, and stands as it is', cron => {
    expect(cronWords(cron)).toBeNull()
  })
})

// What the words say, read by their own rules.

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const NTH = ['first', 'second', 'third', 'fourth', 'fifth']
const DAY_MS = 86_400_000
/** Of four years, one of which has a 29 February. */
const FROM = Date.parse('2026-01-01T00:00Z')
const UNTIL = Date.parse('2030-01-01T00:00Z')

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
const isLastOf = (date: Date, days: number): boolean =>
  new Date(date.getTime() + days * DAY_MS).getUTCMonth() !== date.getUTCMonth()

function minutesSaid(times: string): number[] {
  const all = Array.from({ length: 1440 }, (_, minute) => minute)
  if (times.startsWith('at '))
    return times
      .slice(3)
      .split(/, | and /)
      .map(minuteOf)
  const [, count = '1', unit, rest = ''] = /^every (?:(\d+) )?(minute|hour)s?(.*)$/.exec(times)!
  const step = Number(count) * (unit === 'hour' ? 60 : 1)
  const [, minute] = /^ at minute (\d+)$/.exec(rest) ?? []
  if (minute !== undefined) return all.filter(one => one % 60 === Number(minute))
  const [, from = '00:00', to = '23:59'] = /^ from (\S+) to (\S+)$/.exec(rest) ?? []
  return all.filter(
    one => one >= minuteOf(from) && one <= minuteOf(to) && (one - minuteOf(from)) % step === 0,
  )
}

function monthsSaid(text: string | undefined): number[] {
  if (text === undefined || text === 'each month') return MONTHS.map((_, month) => month)
  const [, from, to] = /^(\w+) to (\w+)$/.exec(text) ?? []
  return MONTHS.flatMap((name, month) => {
    const isNamed =
      from === undefined
        ? text.split(/, | and /).includes(name)
        : month >= MONTHS.indexOf(from) && month <= MONTHS.indexOf(to!)
    return isNamed ? [month] : []
  })
}

type OnDay = (date: Date) => boolean

function dateSaid(phrase: string): OnDay {
  const [, dates, of] = /^(.*) of (each month|[A-Z].*)$/.exec(phrase)!
  const months = monthsSaid(of)
  const [, from, to] = /^from the (\d+)\w+ to the (\d+)\w+$/.exec(dates!) ?? []
  return date => {
    if (!months.includes(date.getUTCMonth())) return false
    const day = date.getUTCDate()
    if (from !== undefined) return day >= Number(from) && day <= Number(to)
    return dates!
      .replace(/^on /, '')
      .split(/, | and /)
      .some(one => (one === 'the last day' ? isLastOf(date, 1) : Number.parseInt(one.slice(4), 10) === day))
  }
}

function weekdaySaid(one: string): OnDay {
  const [, nth, name] = /^the (\w+) (\w+) of the month$/.exec(one) ?? []
  const isDay = (date: Date) => DAYS[date.getUTCDay()] === (name ?? one.replace(/s$/, ''))
  if (nth === undefined) return isDay
  if (nth === 'last') return date => isDay(date) && isLastOf(date, 7)
  return date => isDay(date) && Math.ceil(date.getUTCDate() / 7) - 1 === NTH.indexOf(nth)
}

function weekdaysSaid(phrase: string): OnDay {
  const [, days, inMonths] = /^(.*?)(?: (?:in|from) ([A-Z].*))?$/.exec(phrase)!
  const months = monthsSaid(inMonths)
  const holds = days!.split(/ and on (?=the)/).map((part): OnDay => {
    if (part === 'every day') return () => true
    if (part === 'on weekdays') return date => date.getUTCDay() % 6 !== 0
    const [, from, to] = /^from (\w+) to (\w+)$/.exec(part) ?? []
    const place = (name: string | undefined) => DAYS.indexOf(name!) || 7
    if (from !== undefined)
      return date => (date.getUTCDay() || 7) >= place(from) && (date.getUTCDay() || 7) <= place(to)
    const each = part
      .replace(/^on /, '')
      .split(/, | and /)
      .map(weekdaySaid)
    return date => each.some(on => on(date))
  })
  return date => months.includes(date.getUTCMonth()) && holds.some(on => on(date))
}

const daySaid = (days: string): OnDay => {
  if (days === '') return () => true
  const phrases = days
    .split(', and ')
    .map(phrase => (/the \d|the last day/.test(phrase) ? dateSaid(phrase) : weekdaysSaid(phrase)))
  return date => phrases.some(on => on(date))
}

const due = (cron: string, untilMs: number): number[] =>
  dueTimes({ cron, timeZone: 'UTC', skipDates: [] }, { afterMs: FROM - 1, untilMs, most: 2000 })

/** What the words name and what the cron means: the minutes of a day, and the days of four years. */
function compared(cron: string, { times, days }: CronWords) {
  const [minute, hour, ...dayFields] = cron.trim().split(/\s+/)
  const on = daySaid(days)
  const dates = Array.from({ length: (UNTIL - FROM) / DAY_MS }, (_, day) => FROM + day * DAY_MS)
  return {
    said: { minutes: minutesSaid(times).sort((a, b) => a - b), days: dates.filter(day => on(new Date(day))) },
    meant: {
      minutes: due(`${minute} ${hour} * * *`, FROM + DAY_MS - 1).map(ms => (ms - FROM) / 60_000),
      days: due(`0 0 ${dayFields.join(' ')}`, UNTIL - 1),
    },
  }
}

const commonPart = (...texts: string[]) => fc.constantFrom(...texts)
const aCommonCron = fc
  .tuple(
    commonPart('0', '30', '*', '*/15', '0,30', '7', '*/20', '0-59'),
    commonPart('20', '*', '8-18', '*/2', '8,12', '*/6', '0-23', '7-9', '*/5'),
    commonPart('*', '1', '1,15', 'L', '1-7', '1,L', '31', '*/1', '1-31', '2-4,9', '1-7,L'),
    commonPart('*', '6', 'jan,jul', '4-9', '*/3', '1-12', '1-2', '11-12,1'),
    commonPart(
      '*',
      '1-5',
      '0,6',
      '5L',
      '5#2',
      'fri',
      '1-4',
      'fri-sun',
      '7',
      '0-7',
      '0-6',
      '6,0,1',
      '1,5#5',
      'sunL',
      '*/2',
      '2-6/2',
      '1,3,5L,5#1',
    ),
  )
  .map(parts => parts.join(' '))
  .filter(cron => cronProblem(cron) === null)

property.prop([aCommonCron], { numRuns: 1500 })(
  'words of common forms name the minutes and days that the cron means',
  cron => {
    const found = cronWords(cron)
    fc.pre(found !== null)
    const { said, meant } = compared(cron, found)
    expect(said).toEqual(meant)
  },
)

property.prop([anAcceptedCron])('words of any cron name the minutes and days that it means', ({ text }) => {
  const found = cronWords(text)
  if (found === null) return
  const { said, meant } = compared(text, found)
  expect(said).toEqual(meant)
})

property.prop([fc.string({ unit: fc.constantFrom(...'0159*/,-L# MONFRI'), maxLength: 20 })], {
  numRuns: 3000,
})('what is no cron has no words', text => {
  const cron = `0 20 ${text}`
  if (cronProblem(cron) !== null && !/never does/.test(cronProblem(cron)!)) expect(cronWords(cron)).toBeNull()
})

const shown = (overrides: Record<string, unknown> = {}): Policy =>
  ({ ...aPolicy(overrides), nextStopAt: null, nextStartAt: null }) as Policy

describe('a policy as a sentence', () => {
  test('it says how many, when, where, and when they come back', () => {
    const policy = shown({
      schedule: { cron: '0 20 * * 1-5', timeZone: 'Asia/Shanghai' },
      start: { cron: '0 7 * * 1-5' },
    })
    expect(policySentence(policy, 212)).toBe(
      'Stops 212 servers at 20:00 on weekdays (Shanghai); starts them at 07:00.',
    )
  })

  test('whom it leaves out is said, too', () => {
    const policy = shown({
      selector: { tags: { env: ['dev'] } },
      exclude: { tags: { role: ['ci'], keep: [] } },
    })
    expect(policySentence(policy)).toBe(
      'Stops servers with the tag env = dev, but not those with the tag role = ci, or with the tag keep, at 20:00 every day (UTC).',
    )
  })

  test('the days of a start are said where they are others', () => {
    const policy = shown({
      schedule: { cron: '0 19 * * 5', timeZone: 'Europe/Berlin' },
      start: { cron: '0 7 * * 1', servers: 'selected' },
      selector: { tags: { env: ['dev', 'test'] }, name: 'dev-*' },
    })
    expect(policySentence(policy)).toBe(
      'Stops servers with the tag env = dev or test, and named dev-* at 19:00 on Fridays (Berlin); starts every one of them that is off at 07:00 on Mondays.',
    )
  })

  test('a cron of no common form is shown as it is', () => {
    const policy = shown({ schedule: { cron: '0 20 */2 * 1-5', timeZone: 'UTC' } })
    expect(policySentence(policy, 1)).toBe('Stops 1 server by the cron 0 20 */2 * 1-5 (UTC).')
  })

  test('the rest is said topic by topic', () => {
    const policy = shown({
      exclude: { tags: { role: ['ci'] }, ids: ['a', 'b', 'c', 'd'] },
      escalateAfterMinutes: 15,
      limits: { maxServers: 200, maxPercent: 60 },
      schedule: {
        cron: '0 20 * * *',
        timeZone: 'UTC',
        skipDates: ['2026-10-01'],
        calendars: [
          { id: 'holidays', effect: 'skip' },
          { id: 'workdays', effect: 'also' },
        ],
      },
      warn: { minutesBefore: 30 },
      notify: [{ channel: 'ops', on: ['warning', 'failed'] }],
    })
    expect(policySentences(policy).map(({ topic, text }) => `${topic}: ${text}`)).toEqual([
      'Servers: All servers, of the connection prod. Left out: those with the tag role = ci, or with one of 4 ids.',
      'How: The guest is asked to shut down (soft). A server still up after 15 min has its power cut (hard).',
      'Starts: It starts nothing: somebody else has to.',
      "Limits: A run of more than 200 servers, more than 60 % of all servers of prod or more than 3 times as many as its own recent runs is blocked, and nothing is done. Once 10 % of a run's servers failed, the rest is not sent.",
      expect.stringMatching(/^Not on: .*2026\.$/),
      'Calendars: Not at the events of holidays. Also on the dates of workdays.',
      'Late: A stop that could not begin in time begins within 60 min; later it is missed.',
      'Warns: 30 min before a stop, with links that let it come 12 h later at most.',
      'Tells: The channel ops of: warning, failed.',
    ])
  })
})
