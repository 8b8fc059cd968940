import { fc } from '@fast-check/vitest'
import type { Temporal } from 'temporal-polyfill'
import { cronProblem } from '../../../lib/core/schedule/cron.ts'

// Random crons whose meaning is known by construction, for the tests that compare due times with what others say.

/** A cron and what it means. */
export interface MeantCron {
  text: string
  minutes: Set<number>
  hours: Set<number>
  followsClock: boolean
  isDueOn: (date: Temporal.PlainDate) => boolean
}

interface Part {
  text: string
  /** The field begins with `*`. */
  star: boolean
}
interface Numbers extends Part {
  values: Set<number>
}
interface Days extends Part {
  holds: (date: Temporal.PlainDate) => boolean
}
interface Item {
  text: string
  values: number[]
}
interface Limits {
  least: number
  most: number
  name?: (value: number) => string
}

const MONTHS = ['jan', 'Feb', 'MAR', 'apr', 'May', 'JUN', 'jul', 'Aug', 'SEP', 'oct', 'Nov', 'DEC']
const WEEKDAYS = ['sun', 'Mon', 'TUE', 'wed', 'Thu', 'FRI', 'sat']

export const every = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(
    value => (value - from) % step === 0,
  )

const anItem = (limits: Limits): fc.Arbitrary<Item> =>
  fc.oneof(
    { arbitrary: aSingle(limits), weight: 4 },
    { arbitrary: aRange(limits), weight: 2 },
    { arbitrary: aStar(limits), weight: 1 },
  )
const aSingle = ({ least, most, name = String }: Limits): fc.Arbitrary<Item> =>
  fc
    .record({ value: fc.integer({ min: least, max: most }), named: fc.boolean() })
    .map(({ value, named }) => ({ text: named ? name(value) : String(value), values: [value] }))
const aRange = ({ least, most }: Limits): fc.Arbitrary<Item> => {
  const number = fc.integer({ min: least, max: most })
  return fc.tuple(number, number, fc.nat()).map(([a, b, seed]) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    const step = 1 + (seed % (to - from + 1))
    return { text: `${from}-${to}${step === 1 ? '' : `/${step}`}`, values: every(from, to, step) }
  })
}
const aStar = ({ least, most }: Limits): fc.Arbitrary<Item> =>
  fc.integer({ min: 1, max: most - least + 1 }).map(step => ({
    text: step === 1 ? '*' : `*/${step}`,
    values: every(least, most, step),
  }))

const aList = (limits: Limits): fc.Arbitrary<Numbers> =>
  fc.array(anItem(limits), { minLength: 1, maxLength: 3 }).map(items => {
    const text = items.map(item => item.text).join(',')
    return { text, star: text.startsWith('*'), values: new Set(items.flatMap(item => item.values)) }
  })
const fewNumbers = (least: number, most: number): fc.Arbitrary<Numbers> =>
  fc
    .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 2 })
    .map(values => ({ text: values.join(','), star: false, values: new Set(values) }))

const days = (text: string, holds: Days['holds']): Days => ({ text, star: text.startsWith('*'), holds })

const aDate: fc.Arbitrary<Days> = fc.oneof(
  fc.constant(days('*', () => true)),
  aList({ least: 1, most: 31 }).map(({ text, values }) => days(text, date => values.has(date.day))),
  fc.constant(days('L', date => date.day === date.daysInMonth)),
  fc.constant(days('15,l', date => date.day === 15 || date.day === date.daysInMonth)),
)
const aWeekday: fc.Arbitrary<Days> = fc.oneof(
  fc.constant(days('*', () => true)),
  aList({ least: 0, most: 6, name: value => WEEKDAYS[value]! }).map(({ text, values }) =>
    days(text, date => values.has(date.dayOfWeek % 7)),
  ),
  fc.constantFrom('5-7', 'fri-SUN', '5,6,7', '0,5-6').map(text => days(text, date => date.dayOfWeek >= 5)),
  fc
    .record({ weekday: fc.integer({ min: 1, max: 7 }), nth: fc.integer({ min: 1, max: 5 }) })
    .map(({ weekday, nth }) =>
      days(
        `${weekday}#${nth}`,
        date => date.dayOfWeek === weekday && Math.floor((date.day - 1) / 7) === nth - 1,
      ),
    ),
  fc
    .integer({ min: 1, max: 7 })
    .map(weekday =>
      days(
        `${WEEKDAYS[weekday % 7]}L`,
        date => date.dayOfWeek === weekday && date.day + 7 > date.daysInMonth,
      ),
    ),
)
const aMonth: fc.Arbitrary<Numbers> = fc.oneof(
  { arbitrary: fc.constant({ text: '*', star: true, values: new Set(every(1, 12)) }), weight: 4 },
  { arbitrary: aList({ least: 1, most: 12, name: value => MONTHS[value - 1]! }), weight: 1 },
)

const cronOf = (minute: fc.Arbitrary<Numbers>, hour: fc.Arbitrary<Numbers>): fc.Arbitrary<MeantCron> =>
  fc.tuple(minute, hour, aDate, aMonth, aWeekday).map(([minute, hour, date, month, weekday]) => {
    const either = !date.star && !weekday.star
    return {
      text: [minute, hour, date, month, weekday].map(part => part.text).join(' '),
      minutes: minute.values,
      hours: hour.values,
      followsClock: hour.star,
      isDueOn: day =>
        month.values.has(day.month) &&
        (either ? date.holds(day) || weekday.holds(day) : date.holds(day) && weekday.holds(day)),
    }
  })

export const isAccepted = ({ text }: MeantCron): boolean => cronProblem(text) === null

/** Of every form; some are never due, and so refused. */
export const aCron: fc.Arbitrary<MeantCron> = cronOf(
  aList({ least: 0, most: 59 }),
  fc.oneof(aList({ least: 0, most: 23 }), fewNumbers(0, 3)),
)
export const anAcceptedCron = aCron.filter(isAccepted)
/** Fixed times, at most four a day. */
export const aSparseCron = cronOf(fewNumbers(0, 59), fewNumbers(0, 23)).filter(isAccepted)
