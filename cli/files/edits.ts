/** What has to change so that Curfew's documents are those of the files. */
import { type Difference, fieldDifferences } from '../../lib/core/documents/canonical.ts'
import type { FileDocument } from './documents.ts'
import { ALL_KINDS, type DocumentKind, type Fields, factsOf, type Reference } from './kinds.ts'
import type { StoredDocument } from './stored.ts'

interface EditOf {
  kind: DocumentKind
  id: string
}
export type FileEdit = EditOf &
  (
    | { does: 'create'; fields: Fields }
    | { does: 'change'; fields: Fields; version: number; differences: Difference[] }
    | { does: 'keep' }
    /** It is another owner's. */
    | { does: 'refuse'; owner: string }
    /** It is not in the files. */
    | { does: 'delete' | 'leave'; version: number }
  )

interface Wanting {
  /** The owner of the documents; `null`: none. */
  owner: string | null
  /** Whether documents of the owner that are not in the files are deleted. */
  prune: boolean
}

const keyOf = ({ kind, id }: EditOf): string => `${kind} ${id}`
const storedKey = ({ kind, fields }: { kind: DocumentKind; fields: Fields }): string =>
  keyOf({ kind, id: fields.id })

function editOf(wanted: FileDocument, before: StoredDocument | undefined, { owner }: Wanting): FileEdit {
  const of = { kind: wanted.kind, id: wanted.fields.id }
  if (before === undefined) return { ...of, does: 'create', fields: wanted.fields }
  const { managedBy } = before.fields
  if (owner !== null && managedBy !== null && managedBy !== owner)
    return { ...of, does: 'refuse', owner: managedBy }
  const fields = wanted.saysManager ? wanted.fields : { ...wanted.fields, managedBy }
  const differences = fieldDifferences(before.fields, fields)
  if (differences.length === 0) return { ...of, does: 'keep' }
  return { ...of, does: 'change', fields, version: before.version, differences }
}

const order = (one: EditOf, other: EditOf): number =>
  ALL_KINDS.indexOf(one.kind) - ALL_KINDS.indexOf(other.kind) || one.id.localeCompare(other.id)

/** First what the files hold, what is named before what names it; then the owner's that they do not hold, the other way round. */
export function editsTo(wanted: FileDocument[], stored: StoredDocument[], wanting: Wanting): FileEdit[] {
  const there = new Map(stored.map(one => [storedKey(one), one]))
  const held = new Set(wanted.map(storedKey))
  const inFiles = wanted.map(one => editOf(one, there.get(storedKey(one)), wanting)).toSorted(order)
  const kinds = wanting.owner === null ? new Set(wanted.map(({ kind }) => kind)) : new Set(ALL_KINDS)
  const extra = stored
    .filter(one => !held.has(storedKey(one)) && one.fields.managedBy === wanting.owner && kinds.has(one.kind))
    .map(({ kind, fields: { id }, version }): FileEdit => {
      return { kind, id, does: wanting.prune ? 'delete' : 'leave', version }
    })
    .toSorted((one, other) => order(other, one) || one.id.localeCompare(other.id))
  return [...inFiles, ...extra]
}

export interface MissingReference extends Reference {
  /** Of the document that names it. */
  of: EditOf
}

/** What documents of the files name, and is neither in them nor there. */
export function missingReferences(edits: FileEdit[], stored: StoredDocument[]): MissingReference[] {
  const gone = new Set(edits.flatMap(edit => (edit.does === 'delete' ? [keyOf(edit)] : [])))
  const there = new Set([...stored.map(storedKey), ...edits.map(keyOf)].filter(key => !gone.has(key)))
  return edits.flatMap(edit => {
    if (edit.does !== 'create' && edit.does !== 'change') return []
    const of = { kind: edit.kind, id: edit.id }
    return factsOf(edit.kind)
      .references(edit.fields)
      .filter(reference => !there.has(keyOf(reference)))
      .map(reference => ({ ...reference, of }))
  })
}
