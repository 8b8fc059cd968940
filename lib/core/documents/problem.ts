/** What is wrong with a document, field by field, in sentences a person can act on. */
import * as z from 'zod'
import { nearestWord } from './did-you-mean.ts'
import { type FieldProblem, inputProblems } from './input.ts'

type Checked<T> = { ok: true; value: T } | { ok: false; errors: FieldProblem[] }

/** More problems than this are not told: the first ones are enough to begin with. */
export const MAX_PROBLEMS = 100
const MAX_SHOWN_LENGTH = 60

/** A value as it is quoted in a sentence: short, whatever it is. */
export function quoteValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return String(value)
  return value.length > MAX_SHOWN_LENGTH ? `"${value.slice(0, MAX_SHOWN_LENGTH)}…"` : `"${value}"`
}

const NAMES: Record<string, string> = {
  array: 'a list',
  object: 'an object',
  record: 'an object',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
}
const FORMATS: Record<string, string> = {
  url: 'a URL such as https://example.com/path',
  date: 'a date such as 2026-10-01',
  datetime: 'an ISO 8601 instant in UTC, such as 2026-11-21T12:00:00Z',
}

const UNITS: Record<string, string> = { string: ' characters', array: ' items', record: ' entries' }

type Raw = z.core.$ZodRawIssue

function boundText(raw: Raw & { code: 'too_small' | 'too_big' }): string {
  const unit = UNITS[raw.origin] ?? ''
  const few = unit !== '' && Number(raw.code === 'too_small' ? raw.minimum : raw.maximum) === 1
  const of = few ? unit.replace(/(ie)?s$/, ie => (ie === 'ies' ? 'y' : '')) : unit
  if (raw.code === 'too_small') return `${raw.inclusive ? 'at least' : 'more than'} ${raw.minimum}${of}`
  return `${raw.inclusive ? 'at most' : 'less than'} ${raw.maximum}${of}`
}

function expectationText(raw: Raw): string {
  switch (raw.code) {
    case 'invalid_type':
      return NAMES[raw.format === 'safeint' ? 'int' : raw.expected] ?? String(raw.expected)
    case 'invalid_value':
      return raw.values.map(value => quoteValue(value)).join(' or ')
    case 'too_small':
    case 'too_big':
      return boundText(raw)
    case 'invalid_format':
      return FORMATS[raw.format] ?? `the form ${raw.format}`
    case 'invalid_key':
      return 'a name of at least one character'
    default:
      return 'something else'
  }
}

const knownNames = ({ inst }: Raw): string[] => {
  const fields: [string, unknown][] = inst instanceof z.ZodObject ? Object.entries(inst.shape) : []
  return fields.flatMap(([name, schema]) =>
    schema instanceof z.ZodType && schema.meta()?.readOnly === true ? [] : name,
  )
}

/** What an unknown field was probably meant to be, kept in the message until the fields are told one by one. */
const describeIssue = (raw: Raw): string =>
  raw.code === 'unrecognized_keys' ? knownNames(raw).join(' ') : `expected ${expectationText(raw)}`

function unknownField(key: string, known: string[]): string {
  const meant = nearestWord(key, known)
  const known_ = meant === null ? `the fields here are ${known.join(', ')}` : `did you mean ${meant}?`
  return known.length === 0 ? 'unknown field: expected none here' : `unknown field; ${known_}`
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    input,
  )
}

/** The document as a whole has no name of its own. */
const pathText = (path: PropertyKey[]): string =>
  path
    .map(part =>
      String(part).length > MAX_SHOWN_LENGTH ? `${String(part).slice(0, MAX_SHOWN_LENGTH)}…` : part,
    )
    .join('.') || 'body'

/**
 * How far a form is from what came: a field that it does not know or lacks, or the word that it alone has, where another came.
 */
const distance = (issues: z.core.$ZodIssue[], came: unknown): number =>
  issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length
    if (issue.code === 'invalid_type' && valueAt(came, issue.path) === undefined) return sum + 1
    return issue.code === 'invalid_value' && issue.values.length === 1 ? sum + OTHER_WORD : sum
  }, 0)
/** Another word tells more than two fields do. */
const OTHER_WORD = 2.5

/** Of several forms that a document may have, the one that knows most of its fields was meant. */
function nearestForm({ errors, path }: z.core.$ZodIssueInvalidUnion, input: unknown): z.core.$ZodIssue[] {
  const came = valueAt(input, path)
  const [nearest = []] = errors.toSorted(
    (a, b) => distance(a, came) - distance(b, came) || a.length - b.length,
  )
  return nearest.map(issue => ({ ...issue, path: [...path, ...issue.path] }))
}

function fieldProblems(issue: z.core.$ZodIssue, input: unknown): FieldProblem[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return nearestForm(issue, input).flatMap(one => fieldProblems(one, input))
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ').filter(name => name !== '')
    return issue.keys.slice(0, MAX_PROBLEMS).map(key => ({
      path: pathText([...issue.path, key]),
      message: unknownField(key, known),
    }))
  }
  const said = issue.message
  const got = said.includes(', got ') ? '' : `, got ${quoteValue(valueAt(input, issue.path))}`
  return [{ path: pathText(issue.path), message: `${said}${got}` }]
}

/** The input as the schema reads it, or what is wrong with it: each field by its path, what was expected and what came. */
export function checkInput<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const refused = inputProblems(input, { most: MAX_PROBLEMS, pathText })
  if (refused.length > 0) return { ok: false, errors: refused }
  const parsed = schema.safeParse(input, { error: describeIssue })
  if (parsed.success) return { ok: true, value: parsed.data }
  const errors = parsed.error.issues
    .slice(0, MAX_PROBLEMS)
    .flatMap(issue => fieldProblems(issue, input))
    .slice(0, MAX_PROBLEMS)
  return { ok: false, errors }
}
