/** What no document may hold, whatever its schema says: it would be stored otherwise than it was sent, or not at all. */

export interface FieldProblem {
  /** Such as `schedule.cron` or `selector.ids.3`. */
  path: string
  message: string
}

/** Names that JavaScript's own objects have: one is dropped without a word, the other cannot be stored. */
const RESERVED = new Set(['__proto__', 'constructor'])

/** Numbers that the table takes; its own bounds are a little wider. */
const MAX_NUMBER = 1e125
const MIN_NUMBER = 1e-125

interface Place {
  value: unknown
  name: string
  parent: Place | null
}

function pathOf(place: Place): string[] {
  const names: string[] = []
  for (let one = place; one.parent !== null; one = one.parent) names.unshift(one.name)
  return names
}

function messageFor({ value, name }: Place): string | null {
  if (RESERVED.has(name)) return `expected any name but ${[...RESERVED].join(' and ')}, got ${name}`
  if (!name.isWellFormed()) return 'expected a name of whole characters, got half of a surrogate pair'
  if (typeof value === 'string' && !value.isWellFormed())
    return 'expected text of whole characters, got half of a surrogate pair'
  const size = typeof value === 'number' ? Math.abs(value) : 0
  if (size !== 0 && (size < MIN_NUMBER || size > MAX_NUMBER))
    return `expected a number between ${MIN_NUMBER} and ${MAX_NUMBER}, got ${value}`
  return null
}

function placesIn(parent: Place): Place[] {
  const { value } = parent
  if (typeof value !== 'object' || value === null || value instanceof Set) return []
  return Object.entries(value).map(([name, inner]) => ({ value: inner, name, parent }))
}

/** The first of them, by their paths; the nesting may be of any depth. */
export function inputProblems(
  input: unknown,
  { most, pathText }: { most: number; pathText: (path: string[]) => string },
): FieldProblem[] {
  const found: FieldProblem[] = []
  const open: Place[] = [{ value: input, name: '', parent: null }]
  for (let place = open.pop(); place && found.length < most; place = open.pop()) {
    const message = messageFor(place)
    if (message !== null) found.push({ path: pathText(pathOf(place)), message })
    for (const inner of placesIn(place)) open.push(inner)
  }
  return found
}
