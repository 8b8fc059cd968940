/**
 * A field at its schema's default is not stored, so that a version that does not know the field can read the document. Absent it says the
 * same: no version may change a default.
 */
import * as z from 'zod'
import { canonicalText } from '../../../core/documents/canonical.ts'

export const isDocument = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The schemas of its fields; none where it is no object. */
function shapeOf(schema: unknown): Record<string, z.ZodType> {
  if (schema instanceof z.ZodObject) return schema.shape
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in)
  const isWrapped =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable
  return isWrapped ? shapeOf(schema.unwrap()) : {}
}

/** What an absent field says; `undefined` where that is nothing, or not allowed. */
const defaultOf = (field: z.ZodType): unknown => field.safeParse(undefined).data

function isDefault(value: unknown, field: z.ZodType): boolean {
  const unsaid = defaultOf(field)
  return unsaid !== undefined && canonicalText(unsaid) === canonicalText(value)
}

/** A document, and what stands in it, without fields at their defaults; what the schema does not know stays. */
export function withoutDefaults(doc: object, schema: z.ZodType): object {
  const shape = shapeOf(schema)
  const said = Object.entries(doc).flatMap(([name, value]) => {
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (field === undefined) return [[name, value]]
    if (isDefault(value, field)) return []
    return [[name, isDocument(value) ? withoutDefaults(value, field) : value]]
  })
  return Object.fromEntries(said)
}

/** The same document with them, even one that cannot be read. */
export function withDefaults<D extends object>(doc: D, schema: z.ZodType): D {
  const given = new Map(Object.entries(doc))
  const whole = Object.entries(shapeOf(schema)).flatMap(([name, field]) => {
    const value = given.has(name) ? given.get(name) : defaultOf(field)
    if (value === undefined) return []
    return [[name, isDocument(value) ? withDefaults(value, field) : value]]
  })
  return { ...doc, ...Object.fromEntries(whole) }
}
