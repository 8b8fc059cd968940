/** The same text for the same document, whatever the order of its fields; fields that are `undefined` are absent. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalText(field)}`).join(',')}}`
}

export interface Difference {
  /** Such as `limits.maxServers`. */
  path: string
  /** Absent where there was, or is, nothing. */
  before?: unknown
  after?: unknown
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Not what every object inherits, such as `toString`. */
const ownValue = (object: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** Where two documents differ, field by field; a list is one field. */
export function fieldDifferences(before: unknown, after: unknown, path = ''): Difference[] {
  if (canonicalText(before) === canonicalText(after)) return []
  if (!isPlainObject(before) || !isPlainObject(after)) return [{ path, before, after }]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap(name =>
    fieldDifferences(ownValue(before, name), ownValue(after, name), path === '' ? name : `${path}.${name}`),
  )
}
