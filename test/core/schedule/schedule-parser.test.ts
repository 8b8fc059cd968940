import { fc, test } from '@fast-check/vitest'
import { CronExpressionParser } from 'cron-parser'
import { describe, expect } from 'vitest'
import {
  FIELDS,
  type Field,
  fieldProblem,
  rangeOf,
  type Value,
  valuesOf,
} from '../../../lib/core/schedule/cron-field.ts'
import { aCron, every } from './schedule-crons.ts'

// What a cron is judged by, and what cron-parser makes of it, must be the same: it is judged by one and due by the other.

const [, , DATE, , WEEKDAY] = FIELDS as [Field, Field, Field, Field, Field]

const sorted = (values: Iterable<Value>): Value[] => [...new Set(values)].sort()
/** Seven is Sunday too. */
const sameDay = (field: Field, value: Value): Value => (field === WEEKDAY && value === 7 ? 0 : value)

const parsed = (field: Field, part: string): Value[] =>
  sorted([...valuesOf(field, part)].map(value => sameDay(field, value)))

function judgedItem(field: Field, item: string): Value[] {
  const range = rangeOf(field, item)
  if (range !== null) return every(range.from, range.to, range.step).map(value => sameDay(field, value))
  const [day = '', form = ''] = item.toUpperCase().split(/(?=[L#])/)
  return field === DATE ? [day] : [`${rangeOf(field, day)!.from % 7}${form}`]
}
const judged = (field: Field, part: string): Value[] =>
  sorted(part.split(',').flatMap(item => judgedItem(field, item)))

describe('cron-parser finds the values by which a cron is judged', () => {
  test.prop([aCron], { numRuns: 1000 })('in every field of random crons', ({ text }) => {
    const parts = text.split(' ')
    for (const [index, field] of FIELDS.entries())
      expect(parsed(field, parts[index]!), field.name).toEqual(judged(field, parts[index]!))
  })

  const aPiece = fc.constantFrom(
    ...'0 1 5 6 7 07 12 23 31 59 00 SUN sun Mon jan JUL L l # - / * , ? H W'.split(' '),
  )
  const gibberish = fc.array(aPiece, { minLength: 1, maxLength: 5 }).map(pieces => pieces.join(''))
  const isTaken = ({ field, part }: { field: Field; part: string }) => fieldProblem(field, part) === null
  const aTaken = fc.record({ field: fc.constantFrom(...FIELDS), part: gibberish }).filter(isTaken)
  test.prop([aTaken], { numRuns: 3000 })('in whatever a field takes', ({ field, part }) => {
    expect(parsed(field, part)).toEqual(judged(field, part))
  })

  const days = [...every(0, 7).flatMap(day => [`${day}`, `0${day}`]), ...WEEKDAY.names, 'sun', 'Fri']
  const ranges = days.flatMap(from => days.map(to => `${from}-${to}`))
  const stepped = ranges.flatMap(range => every(1, 8).map(step => `${range}/${step}`))
  const nths = days.flatMap(day => ['L', 'l', ...every(0, 6).map(week => `#${week}`)].map(form => day + form))
  test('in every weekday, range and step of weekdays, last and nth weekday', () => {
    const taken = [...days, ...ranges, ...stepped, ...nths].filter(part => isTaken({ field: WEEKDAY, part }))
    expect(taken).toEqual(
      expect.arrayContaining(['07', 'FRI-SUN', '5-sun/2', 'SUN-SUN', '7L', 'sunl', 'Fri#5']),
    )
    for (const part of taken) expect(parsed(WEEKDAY, part), part).toEqual(judged(WEEKDAY, part))
  })

  test.prop([aCron.map(({ text }) => text).filter(isParsedWhole)], { numRuns: 300 })(
    'in a cron parsed as a whole, where it can be',
    text => {
      const parts = text.split(' ')
      for (const [index, field] of FIELDS.entries())
        if (field !== DATE) expect(wholly(text, field), field.name).toEqual(parsed(field, parts[index]!))
    },
  )
})

const whole = (text: string) => CronExpressionParser.parse(text.toUpperCase()).fields

/** Not where a value comes twice, nor where a range ends with SUN. */
function isParsedWhole(text: string): boolean {
  try {
    return whole(text).minute.values.length > 0
  } catch {
    return false
  }
}
function wholly(text: string, field: Field): Value[] {
  const fields = whole(text)
  const values: Value[] = fields[field.key].values
  const nth = field === WEEKDAY && fields.dayOfWeek.nthDay > 0 ? `#${fields.dayOfWeek.nthDay}` : null
  return sorted(values.map(value => (nth === null ? sameDay(field, value) : `${value}${nth}`)))
}
