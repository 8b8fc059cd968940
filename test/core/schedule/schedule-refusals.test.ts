import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { cronProblem } from '../../../lib/core/schedule/cron.ts'
import { Schedule } from '../../../lib/core/schedule/schedule.ts'

const FIELDS = 'expected five fields, minute hour day-of-month month day-of-week, such as "0 20 * * 1-5"'
const AWS =
  'this looks like the form of AWS: leave out cron() and the year, write * for ?, and count from Sunday as 0'
const MINUTE = 'minute: expected *, a number from 0 to 59, a range such as 0-30 or a step such as */15'
const HOUR = 'hour: expected *, a number from 0 to 23, a range such as 8-18 or a step such as */2'
const DATE =
  'day of month: expected *, a number from 1 to 31, L for the last day, a range such as 1-15 or a step such as */2'
const MONTH =
  'month: expected *, a number from 1 to 12, a name from JAN to DEC, a range such as 4-9 or a step such as */3'
const WEEKDAY =
  'day of week: expected *, a number from 0 to 7 (both are Sunday), a name from SUN to SAT, ' +
  '5#2 for the second Friday, 5L for the last, a range such as 1-5 or a step such as */2'
const TWO_RANGES = 'write it as two ranges with a comma between'

describe('a cron is accepted', () => {
  test.each([
    '* * * * *',
    '0 20 * * 1-5',
    '  0\t20  * * 1-5 ',
    '*/60 */24 */31 */12 */7',
    '0-59/60 0-23/24 1-31/31 1-12/12 0-6/7',
    '1,2-5,*/7,10-20/3 0 * * *',
    '0 0 29 2 *',
    '0 0 29 2 */7',
    '0 0 30 2 MON',
    '0 0 l jan,Feb-apr sun,5#2,friL,6-7',
    '0 0 * 2 7#5',
  ])('%s', cron => expect(cronProblem(cron)).toBeNull())
})

describe('a cron is refused, and told why', () => {
  test.each([
    ['', `${FIELDS}, got nothing`],
    [' \n', `${FIELDS}, got nothing`],
    ['0 20 * *', `${FIELDS}, got "0 20 * *"`],
    ['0 0 20 * * 1-5', `${FIELDS}, got "0 0 20 * * 1-5"; there are no seconds and no years here`],
    ['0 20 * * ? *', `${FIELDS}, got "0 20 * * ? *"; ${AWS}`],
    ['cron(0 20 ? * MON-FRI *)', `${FIELDS}, got "cron(0 20 ? * MON-FRI *)"; ${AWS}`],
    ['rate(5 minutes)', `${FIELDS}, got "rate(5 minutes)"; ${AWS}`],
    ['@daily', `${FIELDS}, got "@daily"; names with @ are not accepted`],
    ['every day at 8 in the evening', `${FIELDS}, got "every day at 8 in the evening"`],
  ])('%s: not five fields', (cron, problem) => expect(cronProblem(cron)).toBe(problem))

  test.each([
    ['60 * * * *', `${MINUTE}, got "60"`],
    ['-1 * * * *', `${MINUTE}, got "-1"`],
    ['1.5 * * * *', `${MINUTE}, got "1.5"`],
    ['1,,2 * * * *', `${MINUTE}, got ""`],
    ['1, * * * *', `${MINUTE}, got ""`],
    ['H * * * *', `${MINUTE}, got "H"`],
    ['50-60 * * * *', `${MINUTE}, got "50-60"`],
    ['1-2-3 * * * *', `${MINUTE}, got "1-2-3"`],
    ['** * * * *', `${MINUTE}, got "**"`],
    ['*-5 * * * *', `${MINUTE}, got "*-5"`],
    ['000 * * * *', `${MINUTE}, got "000"`],
    ['MON * * * *', `${MINUTE}, got "MON"`],
    ['0 24 * * *', `${HOUR}, got "24"`],
    ['0 5-SUN * * *', `${HOUR}, got "5-SUN"`],
    ['0 L * * *', `${HOUR}, got "L"`],
    ['0 8pm * * *', `${HOUR}, got "8pm"`],
    ['0 20 0 * *', `${DATE}, got "0"`],
    ['0 20 32 * *', `${DATE}, got "32"`],
    ['0 20 ? * 1', `${DATE}, got "?"; write * instead`],
    ['0 20 15W * *', `${DATE}, got "15W"`],
    ['0 20 LW * *', `${DATE}, got "LW"`],
    ['0 20 L-3 * *', `${DATE}, got "L-3"`],
    ['0 20 5L * *', `${DATE}, got "5L"`],
    ['0 20 * 0 *', `${MONTH}, got "0"`],
    ['0 20 * 13 *', `${MONTH}, got "13"`],
    ['0 20 * JANUARY *', `${MONTH}, got "JANUARY"`],
    ['0 20 * * 8', `${WEEKDAY}, got "8"`],
    ['0 20 * * L', `${WEEKDAY}, got "L"`],
    ['0 20 * * 8L', `${WEEKDAY}, got "8L"`],
    ['0 20 * * 5#0', `${WEEKDAY}, got "5#0"`],
    ['0 20 * * 5#6', `${WEEKDAY}, got "5#6"`],
    ['0 20 * * 1-5#2', `${WEEKDAY}, got "1-5#2"`],
    ['0 20 * * ſun', `${WEEKDAY}, got "ſun"`],
    ['0 20 * * ?', `${WEEKDAY}, got "?"; write * instead`],
  ])('%s: a form or a value that the field does not have', (cron, problem) =>
    expect(cronProblem(cron)).toBe(problem),
  )

  test.each([
    ['*/0 * * * *', 'minute: expected a step from 1 to 60, got "*/0"'],
    ['*/61 * * * *', 'minute: expected a step from 1 to 60, got "*/61"'],
    ['0 */25 * * *', 'hour: expected a step from 1 to 24, got "*/25"'],
    ['0 8-18/12 * * *', 'hour: expected a step from 1 to 11, got "8-18/12"'],
    ['0 0 */32 * *', 'day of month: expected a step from 1 to 31, got "*/32"'],
    ['0 0 * */13 *', 'month: expected a step from 1 to 12, got "*/13"'],
    ['0 0 * * */8', 'day of week: expected a step from 1 to 7, got "*/8"'],
    ['5/15 * * * *', 'minute: expected a step after * or a range, got "5/15"; write 5-59/15'],
  ])('%s: a step that does not fit', (cron, problem) => expect(cronProblem(cron)).toBe(problem))

  test.each([
    ['0 22-2 * * *', `hour: expected a range that goes up, got "22-2"; ${TWO_RANGES}`],
    ['0 0 * 11-2 *', `month: expected a range that goes up, got "11-2"; ${TWO_RANGES}`],
    ['0 0 * * FRI-MON', `day of week: expected a range that goes up, got "FRI-MON"; ${TWO_RANGES}`],
    ['0 0 * * 5-0', `day of week: expected a range that goes up, got "5-0"; ${TWO_RANGES}`],
  ])('%s: a range that goes down', (cron, problem) => expect(cronProblem(cron)).toBe(problem))

  test.each(['0 0 30 2 *', '0 0 31 4,6,9,11 *', '30 2 30,31 feb *', '0 0 */14 * 1#2'])(
    '%s: never due within 50 years',
    cron =>
      expect(cronProblem(cron)).toBe(
        `expected a date that comes within 50 years, got "${cron}", which never does`,
      ),
  )

  test('more than 500 characters', () => {
    const minutes = Array.from({ length: 167 }, () => '59').join(',')
    expect(cronProblem(`${minutes} * * * *`)).toBe('expected at most 500 characters, got 508')
  })
})

test.prop([fc.stringMatching(/^[-0-9A-Za-z*,/#?@ ]{0,20}$/)], { numRuns: 2000 })(
  'whatever the text is, it is accepted or refused with a message',
  text => {
    expect(cronProblem(text) ?? 'expected nothing else, got it').toMatch(/expected .+, got ./)
  },
)

test('a schedule may have 1000 skip dates, and no more', () => {
  const dates = (count: number) =>
    Array.from({ length: count }, (_, day) => new Date(day * 86_400_000).toISOString().slice(0, 10))
  const schedule = (count: number) => ({ cron: '0 20 * * *', timeZone: 'UTC', skipDates: dates(count) })
  expect(Schedule.parse(schedule(1000)).skipDates).toHaveLength(1000)
  expect(Schedule.safeParse(schedule(1001)).error?.issues).toMatchObject([
    { path: ['skipDates'], message: 'expected at most 1000 dates' },
  ])
})
