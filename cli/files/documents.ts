/** The documents of files, checked by the schemas of the API before anything is sent anywhere. */
import type { FieldProblem } from '../../lib/core/documents/input.ts'
import { checkInput } from '../../lib/core/documents/problem.ts'
import { ALL_KINDS, type DocumentKind, type Fields, factsOf, kindOf, writable } from './kinds.ts'
import { FileProblems, type FoundDocument, readDocuments } from './read.ts'

export interface FileDocument {
  kind: DocumentKind
  fields: Fields
  /** Whether the file, or `--as`, says whose it is: else that stays as it is. */
  saysManager: boolean
}

export interface Reading {
  /** The kinds of documents that the files may hold. */
  kinds: DocumentKind[]
  /** Whose the documents become. */
  owner: string | null
  /** ms since the epoch */
  now: number
}

interface Checked {
  document?: FileDocument
  problems: FieldProblem[]
}

const wrong = (path: string, message: string): Checked => ({ problems: [{ path, message }] })

const expectedKinds = (kinds: DocumentKind[]): string =>
  kinds.map(kind => `a ${kind} (${factsOf(kind).marks.slice(0, 3).join(', ')})`).join(' or ')

/** `$schema` is for editors. */
const withoutSchema = ({ $schema: _, ...rest }: Record<string, unknown>): Record<string, unknown> => rest

const asRecord = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null

function checkDocument(value: unknown, { kinds, owner, now }: Reading): Checked {
  const record = asRecord(value)
  const kind = record && kindOf(record, ALL_KINDS)
  if (record === null)
    return wrong('body', `expected ${expectedKinds(kinds)}, got ${JSON.stringify(value)?.slice(0, 60)}`)
  const own =
    kind !== null && kinds.includes(kind) ? kind : kinds.length === 1 && kind === null ? kinds[0]! : null
  if (own === null)
    return wrong('body', `expected ${expectedKinds(kinds)}, got ${kind === null ? 'none' : `a ${kind}`}`)
  const said = record.managedBy ?? null
  const result = checkInput<unknown>(factsOf(own).schema, withoutSchema(writable(own, record)))
  if (!result.ok) return { problems: result.errors }
  if (owner !== null && said !== null && said !== owner)
    return wrong('managedBy', `expected "${owner}", as --as says, or none, got "${String(said)}"`)
  const fields = result.value as Fields
  const problems = factsOf(own).problems?.(fields, now) ?? []
  if (problems.length > 0) return { problems }
  const managedBy = owner ?? fields.managedBy
  const saysManager = owner !== null || Object.hasOwn(record, 'managedBy')
  return { document: { kind: own, fields: { ...fields, managedBy }, saysManager }, problems: [] }
}

/** Names what is in the files twice. */
function doubleProblem(
  { kind, fields: { id } }: FileDocument,
  found: FoundDocument,
  places: Map<string, string>,
): string[] {
  const key = `${kind} ${id}`
  const before = places.get(key)
  places.set(key, found.place())
  if (before === undefined) return []
  return [`${found.place('id')}: id: expected each ${kind} once, got "${id}" in ${before} as well`]
}

/** The documents of the files. Throws `FileProblems` that names each file, line and field. */
export function documentsOf(paths: string[], reading: Reading): FileDocument[] {
  const problems: string[] = []
  const places = new Map<string, string>()
  const documents = readDocuments(paths).flatMap(found => {
    const checked = checkDocument(found.value, reading)
    problems.push(...checked.problems.map(({ path, message }) => `${found.place(path)}: ${path}: ${message}`))
    if (checked.document === undefined) return []
    problems.push(...doubleProblem(checked.document, found, places))
    return [checked.document]
  })
  if (problems.length > 0) throw new FileProblems(problems.join('\n'))
  return documents
}
