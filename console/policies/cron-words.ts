/** A cron in plain words, where it has one of the common forms. */

/** When on a day, and on which days: `at 20:00`, `on weekdays`. No days where every day goes without saying. */
export interface CronWords {
  times: string
  days: string
}

interface Part {
  values: Set<number>
  /** `L`, `5L`, `5#2` */
  special: string[]
  /** Begins with `*`: it does not restrict the days. */
  isStar: boolean
}

interface FieldRange {
  least: number
  most: number
  /** Where `*` ends, if before `most`. */
  starMost?: number
  names?: string[]
  special?: RegExp
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const NTH = ['first', 'second', 'third', 'fourth', 'fifth']
const shortNames = (names: string[]): string[] => names.map(name => name.slice(0, 3).toUpperCase())

const FIELDS: FieldRange[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31, special: /^L$/ },
  { least: 1, most: 12, names: shortNames(MONTHS) },
  { least: 0, most: 7, starMost: 6, names: shortNames(DAYS), special: /^([0-7]|[A-Z]{3})(L|#[1-5])$/ },
]

/** More times of a day, or dates of a month, than this are no sentence any more. */
const MAX_NAMED = 6

/** `null` for every cron that is not read with certainty: it is then shown as it is. */
export function cronWords(cron: string): CronWords | null {
  const texts = cron.trim().toUpperCase().split(/\s+/)
  if (texts.length !== FIELDS.length) return null
  const parts = FIELDS.map((field, place) => partOf(field, texts[place]!))
  if (parts.includes(null)) return null
  const [minutes, hours, dates, months, weekdays] = parts as Part[]
  const times = timesText(minutes!.values, hours!.values)
  const days = daysText(dates!, months!, weekdays!)
  if (times === null || days === null) return null
  return { times, days: times.startsWith('every') && days === 'every day' ? '' : days }
}

function partOf(field: FieldRange, text: string): Part | null {
  const part: Part = { values: new Set(), special: [], isStar: text.startsWith('*') }
  for (const item of text.split(',')) {
    const values = field.special?.test(item) ? [] : valuesOf(field, item)
    const special = values?.length === 0 ? specialOf(field, item) : ''
    if (values === null || special === null) return null
    if (special !== '') part.special.push(special)
    for (const value of values) part.values.add(field.most === 7 ? value % 7 : value)
  }
  return part
}

/** `FRI#2` → `5#2`; Sunday is 0. */
function specialOf(field: FieldRange, item: string): string | null {
  if (item === 'L') return item
  const [, day = '', rest = ''] = /^(\w{1,3}?)(L|#\d)$/.exec(item) ?? []
  const value = numberOf(field, day)
  return value === null ? null : `${value % 7}${rest}`
}

function valuesOf(field: FieldRange, item: string): number[] | null {
  const matched = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item)
  if (matched === null) return null
  const [, first, last, stepText] = matched
  if (stepText !== undefined && first !== undefined && last === undefined) return null
  const from = first === undefined ? field.least : numberOf(field, first)
  const to = first === undefined ? (field.starMost ?? field.most) : endOf(field, { from, last })
  const step = Number(stepText ?? 1)
  if (from === null || to === null || from > to || step < 1 || step > to - from + 1) return null
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, place) => from + place * step)
}

/** Sunday ends a range as the day after Saturday, but for one that begins with it. */
function endOf(
  field: FieldRange,
  { from, last }: { from: number | null; last: string | undefined },
): number | null {
  if (last === undefined) return from
  return last === 'SUN' && from !== 0 ? 7 : numberOf(field, last)
}

function numberOf({ least, most, names = [] }: FieldRange, text: string): number | null {
  const place = names.indexOf(text)
  if (place >= 0) return least + place
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : null
}

// --- times --------------------------------------------------------------------------------------------------

const twoDigits = (value: number): string => String(value).padStart(2, '0')

function timesText(minutes: Set<number>, hours: Set<number>): string | null {
  const times = sorted(hours).flatMap(hour =>
    sorted(minutes).map(minute => `${twoDigits(hour)}:${twoDigits(minute)}`),
  )
  if (times.length <= MAX_NAMED) return `at ${listText(times)}`
  const everyMinutes = stepOver(minutes, 60)
  const hour = sorted(hours)
  const minute = sorted(minutes)
  if (minutes.size > 1 && everyMinutes === null) return null
  const pace = minutes.size === 1 ? 'every hour' : `every ${unitText(everyMinutes!, 'minute')}`
  if (hours.size === 24) return minutes.size === 1 ? `${pace} at minute ${minute[0]}` : pace
  if (isRow(hour)) return `${pace} from ${times[0]} to ${times.at(-1)}`
  const everyHours = stepOver(hours, 24)
  return minutes.size === 1 && everyHours !== null
    ? `every ${unitText(everyHours, 'hour')} from ${times[0]} to ${times.at(-1)}`
    : null
}

const unitText = (count: number, unit: string): string => (count === 1 ? unit : `${count} ${unit}s`)

/** The step of values that go from 0 over the whole round in equal steps. */
function stepOver(values: Set<number>, round: number): number | null {
  const step = round / values.size
  return Number.isInteger(step) && sorted(values).every((value, place) => value === place * step)
    ? step
    : null
}

// --- days ---------------------------------------------------------------------------------------------------

function daysText(dates: Part, months: Part, weekdays: Part): string | null {
  const inMonths = monthsText(sorted(months.values))
  const anyDate = dates.values.size === 31
  const anyWeekday = weekdays.values.size === 7
  const either = !dates.isStar && !weekdays.isStar
  if (either ? anyDate || anyWeekday : anyDate && anyWeekday) return inMonths('every day')
  if (!either && !anyDate && !anyWeekday) return null
  const phrases = [
    anyDate ? [] : datesText(dates, sorted(months.values)),
    anyWeekday ? [] : weekdaysText(weekdays, inMonths),
  ].flat()
  return phrases.includes(null) ? null : phrases.join(', and ')
}

function monthsText(months: number[]): (phrase: string) => string {
  if (months.length === 12) return phrase => phrase
  const names = monthNames(months)
  return phrase => `${phrase} ${names.includes(' to ') ? 'from' : 'in'} ${names}`
}

const monthNames = (months: number[]): string => {
  const names = months.map(month => MONTHS[month - 1]!)
  return isRow(months) && months.length > 2 ? `${names[0]} to ${names.at(-1)}` : listText(names)
}

function datesText({ values, special }: Part, months: number[]): string | null {
  const dates = sorted(values)
  const of = months.length === 12 ? 'each month' : monthNames(months)
  if (dates.length > 2 && isRow(dates)) {
    const range = `from the ${nth(dates[0]!)} to the ${nth(dates.at(-1)!)}`
    return special.length === 0 ? `${range} of ${of}` : null
  }
  if (dates.length > MAX_NAMED) return null
  const named = [...dates.map(date => `the ${nth(date)}`), ...(special.length > 0 ? ['the last day'] : [])]
  return `on ${listText(named)} of ${of}`
}

function nth(value: number): string {
  const ending = value > 10 && value < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')
  return `${value}${ending}`
}

function weekdaysText({ values, special }: Part, inMonths: (phrase: string) => string): string {
  const days = [1, 2, 3, 4, 5, 6, 0].filter(day => values.has(day))
  const special_ = [...new Set(special)].map(one => {
    const which = one.endsWith('L') ? 'last' : NTH[Number(one.at(-1)) - 1]
    return `the ${which} ${DAYS[Number(one[0])]} of the month`
  })
  const all = [
    ...(days.length > 0 ? [weekdayNames(days)] : []),
    ...(special_.length > 0 ? [`on ${listText(special_)}`] : []),
  ]
  return inMonths(all.join(' and '))
}

function weekdayNames(days: number[]): string {
  const names = days.map(day => DAYS[day]!)
  if (days.join() === '1,2,3,4,5') return 'on weekdays'
  if (days.length > 2 && isRow(days.map(day => day || 7))) return `from ${names[0]} to ${names.at(-1)}`
  return `on ${listText(names.map(name => `${name}s`))}`
}

// --- lists --------------------------------------------------------------------------------------------------

const sorted = (values: Set<number>): number[] => [...values].sort((a, b) => a - b)

const isRow = (values: number[]): boolean =>
  values.every((value, place) => place === 0 || value === values[place - 1]! + 1)

/** `a`, `a and b`, `a, b and c` */
export function listText(texts: string[], and = 'and'): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} ${and} ${texts.at(-1)}`
}
