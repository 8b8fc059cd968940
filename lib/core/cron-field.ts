/** One field of a cron: what it may hold, and what to call it. */
export interface Field {
  name: string
  least: number
  most: number
  /** Where `*` ends, if before `most`. */
  starMost?: number
  /** The name of `least`, of the number after it, and so on. What comes twice ends a range as the later one. */
  names: string[]
  forms: string
  /** The value of a form that this field alone has; null for any other. */
  special?: (item: string) => number | null
}

/** What an item of a list names: one value when `from` and `to` are the same. */
interface Range {
  from: number
  to: number
  step: number
}

/** Stands among the dates for the last day of the month. */
export const LAST_DATE = 32
/** As a week: the last one with such a weekday. */
export const LAST_WEEK = 6
/** Stands among the weekdays (0 Sunday to 6) for the one of that week: 1 to 5 and `LAST_WEEK`. Never below 10. */
export const ordinal = (weekday: number, week: number): number => week * 10 + weekday

function lastOrNth(item: string): number | null {
  const [, day = '', week] = /^(\w+?)(?:#([1-5])|L)$/i.exec(item) ?? []
  const weekday = numberOf(WEEKDAY, day)
  return weekday === null ? null : ordinal(weekday % 7, week === undefined ? LAST_WEEK : Number(week))
}

export const MINUTE: Field = {
  name: 'minute',
  least: 0,
  most: 59,
  names: [],
  forms: 'a number from 0 to 59, a range such as 0-30 or a step such as */15',
}
export const HOUR: Field = {
  name: 'hour',
  least: 0,
  most: 23,
  names: [],
  forms: 'a number from 0 to 23, a range such as 8-18 or a step such as */2',
}
export const DATE: Field = {
  name: 'day of month',
  least: 1,
  most: 31,
  names: [],
  forms: 'a number from 1 to 31, L for the last day, a range such as 1-15 or a step such as */2',
  special: item => (/^L$/i.test(item) ? LAST_DATE : null),
}
export const MONTH: Field = {
  name: 'month',
  least: 1,
  most: 12,
  names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' '),
  forms: 'a number from 1 to 12, a name from JAN to DEC, a range such as 4-9 or a step such as */3',
}
export const WEEKDAY: Field = {
  name: 'day of week',
  least: 0,
  most: 7,
  starMost: 6,
  names: 'SUN MON TUE WED THU FRI SAT SUN'.split(' '),
  forms:
    'a number from 0 to 7 (both are Sunday), a name from SUN to SAT, 5#2 for the second Friday, 5L for the last, ' +
    'a range such as 1-5 or a step such as */2',
  special: lastOrNth,
}

/** Null, or the name of the field, what was expected and what came. */
export function fieldProblem(field: Field, part: string): string | null {
  const problem = part
    .split(',')
    .map(item => itemProblem(field, item))
    .find(found => found !== null)
  return problem === undefined ? null : `${field.name}: expected ${problem}`
}

function itemProblem(field: Field, item: string): string | null {
  const range = rangeOf(field, item)
  if (range === null) return `*, ${field.forms}, got "${item}"${item === '?' ? '; write * instead' : ''}`
  const { from, to, step } = range
  if (from > to) return `a range that goes up, got "${item}"; write it as two ranges with a comma between`
  if (/^\w+\//.test(item))
    return `a step after * or a range, got "${item}"; write ${item.replace('/', `-${field.most}/`)}`
  if (step < 1 || step > to - from + 1) return `a step from 1 to ${to - from + 1}, got "${item}"`
  return null
}

function rangeOf(field: Field, item: string): Range | null {
  const special = field.special?.(item) ?? null
  if (special !== null) return { from: special, to: special, step: 1 }
  const [matched, first, last, step = '1'] = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item) ?? []
  if (matched === undefined) return null
  if (first === undefined) return { from: field.least, to: field.starMost ?? field.most, step: Number(step) }
  const from = numberOf(field, first)
  const to = last === undefined ? from : endOf(field, { text: last, from })
  return from === null || to === null ? null : { from, to, step: Number(step) }
}

function numberOf(field: Field, text: string): number | null {
  const place = field.names.indexOf(text.toUpperCase())
  if (place >= 0) return field.least + place
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= field.least && value <= field.most ? value : null
}

/** SUN ends a range as 7, unless the range begins with it. */
function endOf(field: Field, { text, from }: { text: string; from: number | null }): number | null {
  const value = numberOf(field, text)
  const place = field.names.lastIndexOf(text.toUpperCase())
  return value === from || place < 0 ? value : field.least + place
}

/** The values that a text names in which `fieldProblem` finds nothing wrong. */
export function valuesOf(field: Field, part: string): Set<number> {
  const values = new Set<number>()
  for (const item of part.split(',')) {
    const { from, to, step } = rangeOf(field, item)!
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return values
}
