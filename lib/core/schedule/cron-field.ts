/** The five fields of a cron: which texts each may hold, and the values that a text names. */
import { CronExpressionParser } from 'cron-parser'
import { memoiseAnswers } from './memoised.ts'

/** One field of a cron: what it may hold, and what to call it. */
export interface Field {
  /** What cron-parser calls it. */
  key: 'minute' | 'hour' | 'dayOfMonth' | 'month' | 'dayOfWeek'
  name: string
  least: number
  most: number
  /** Where `*` ends, if before `most`. */
  starMost?: number
  /** The name of `least`, of the number after it, and so on. */
  names: string[]
  /** The forms that this field alone has. */
  special?: RegExp
  forms: string
}

/** What an item of a list names: one value when `from` and `to` are the same. */
interface FieldRange {
  from: number
  to: number
  step: number
}

/** A number; among days also `L` for the last of the month, `5L` for its last Friday, `5#2` for its second. */
export type Value = number | string

/** The five fields of a cron, in order. */
export const FIELDS: Field[] = [
  {
    key: 'minute',
    name: 'minute',
    least: 0,
    most: 59,
    names: [],
    forms: 'a number from 0 to 59, a range such as 0-30 or a step such as */15',
  },
  {
    key: 'hour',
    name: 'hour',
    least: 0,
    most: 23,
    names: [],
    forms: 'a number from 0 to 23, a range such as 8-18 or a step such as */2',
  },
  {
    key: 'dayOfMonth',
    name: 'day of month',
    least: 1,
    most: 31,
    names: [],
    special: /^L$/i,
    forms: 'a number from 1 to 31, L for the last day, a range such as 1-15 or a step such as */2',
  },
  {
    key: 'month',
    name: 'month',
    least: 1,
    most: 12,
    names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' '),
    forms: 'a number from 1 to 12, a name from JAN to DEC, a range such as 4-9 or a step such as */3',
  },
  {
    key: 'dayOfWeek',
    name: 'day of week',
    least: 0,
    most: 7,
    starMost: 6,
    names: 'SUN MON TUE WED THU FRI SAT'.split(' '),
    special: /^([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])$/i,
    forms:
      'a number from 0 to 7 (both are Sunday), a name from SUN to SAT, 5#2 for the second Friday, 5L for the last, ' +
      'a range such as 1-5 or a step such as */2',
  },
]

/** Null, or the name of the field, what was expected and what came. */
export function fieldProblem(field: Field, part: string): string | null {
  const [problem] = part.split(',').flatMap(item => itemProblem(field, item) ?? [])
  return problem === undefined ? null : `${field.name}: expected ${problem}`
}

function itemProblem(field: Field, item: string): string | null {
  if (field.special?.test(item)) return null
  const range = rangeOf(field, item)
  if (range === null) return `*, ${field.forms}, got "${item}"${item === '?' ? '; write * instead' : ''}`
  const { from, to, step } = range
  if (from > to) return `a range that goes up, got "${item}"; write it as two ranges with a comma between`
  if (/^\w+\//.test(item))
    return `a step after * or a range, got "${item}"; write ${item.replace('/', `-${field.most}/`)}`
  if (step < 1 || step > to - from + 1) return `a step from 1 to ${to - from + 1}, got "${item}"`
  return null
}

/** An item as it is judged; null for what is no `*`, value, range or step of this field. */
export function rangeOf(field: Field, item: string): FieldRange | null {
  const [matched, first, last = first, step = '1'] =
    /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(withSunday(field, item)) ?? []
  if (matched === undefined) return null
  if (first === undefined) return { from: field.least, to: field.starMost ?? field.most, step: Number(step) }
  const from = numberOf(field, first)
  const to = numberOf(field, last!)
  return from === null || to === null ? null : { from, to, step: Number(step) }
}

function numberOf(field: Field, text: string): number | null {
  const place = field.names.indexOf(text.toUpperCase())
  if (place >= 0) return field.least + place
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= field.least && value <= field.most ? value : null
}

/** Sunday as cron-parser takes it: 7 at the end of a range that begins with another day, 0 where the last one is meant. */
const withSunday = ({ key }: Field, item: string): string =>
  key === 'dayOfWeek' ? item.replace(/(?<!^(?:0+|SUN))-SUN/i, '-7').replace(/^7L$/i, '0L') : item

/** The values that a text names in which `fieldProblem` finds nothing wrong. Sunday is 0, and may be 7 too. */
export const valuesOf = (field: Field, part: string): Set<Value> =>
  new Set(part.split(',').flatMap(item => itemValues(field, item)))

// Items are parsed one by one, beside the least of every other field: of a list cron-parser refuses overlaps and `#`.
function itemValues(field: Field, item: string): Value[] {
  const parts = FIELDS.map(other => (other === field ? withSunday(field, item).toUpperCase() : other.least))
  const fields = fieldsOf(parts.join(' '))
  const { nthDay } = fields.dayOfWeek
  const values: Value[] = fields[field.key].values
  return nthDay === 0 ? values : values.map(value => `${value}#${nthDay}`)
}

// Without a date and a seed cron-parser would ask the clock, and chance, for what no field follows from.
const fieldsOf = memoiseAnswers(
  500,
  (text: string) => CronExpressionParser.parse(text, { currentDate: 0, hashSeed: 'none' }).fields,
)
