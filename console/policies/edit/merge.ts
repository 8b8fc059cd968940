/** Where two versions of a document differ, and one set of edits put on top of another. */
import { valueAt, withValue } from './draft.ts'
import { isJsonObject, type Json, type JsonObject } from './json-text.ts'

/** A field, and what it is in two versions; `undefined`: it is not there. */
interface FieldEdit {
  path: string[]
  before: Json | undefined
  after: Json | undefined
}

export const isSameJson = (one: Json | undefined, other: Json | undefined): boolean => {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, place) => isSameJson(value, other[place]))
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every(name => isSameJson(valueAt(one, [name]), valueAt(other, [name])))
}

/** The fields that differ, each as deep as both have objects around it. */
export function fieldEdits(
  before: Json | undefined,
  after: Json | undefined,
  path: string[] = [],
): FieldEdit[] {
  if (isSameJson(before, after)) return []
  if (!isJsonObject(before) || !isJsonObject(after)) return [{ path, before, after }]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap(name =>
    fieldEdits(valueAt(before, [name]), valueAt(after, [name]), [...path, name]),
  )
}

/** Three versions of a document: as it was opened, as others saved it meanwhile, and as it is edited here. */
export interface Versions {
  opened: JsonObject
  theirs: JsonObject
  mine: JsonObject
}

/** What was changed here, put on top of what others saved: a field that was not touched here stays theirs. */
export const mergeOnTop = ({ opened, theirs, mine }: Versions): JsonObject =>
  fieldEdits(opened, mine).reduce((merged, { path, after }) => withValue(merged, path, after), theirs)

export interface FieldConflict {
  /** `schedule.cron` */
  path: string
  opened: Json | undefined
  theirs: Json | undefined
  mine: Json | undefined
  /** `both`: to different values. */
  changedBy: 'them' | 'me' | 'both'
}

const isAround = (outer: string[], inner: string[]): boolean =>
  outer.length < inner.length && outer.every((name, place) => name === inner[place])

/** Every field that either side changed; what both changed alike is no conflict. */
export function fieldConflicts({ opened, theirs, mine }: Versions): FieldConflict[] {
  const all = [...fieldEdits(opened, theirs), ...fieldEdits(opened, mine)].map(({ path }) => path)
  const widest = all.filter(path => !all.some(other => isAround(other, path)))
  const paths = new Map(widest.map(path => [path.join('.'), path]))
  return [...paths].flatMap(([name, path]) => {
    const [before, other, own] = [opened, theirs, mine].map(document => valueAt(document, path))
    if (isSameJson(other, own)) return []
    const byThem = !isSameJson(before, other)
    const byMe = !isSameJson(before, own)
    const changedBy = byThem && byMe ? 'both' : byThem ? 'them' : 'me'
    return [{ path: name, opened: before, theirs: other, mine: own, changedBy }]
  })
}
