/** JSON Schema for editors: of a policy as it stands in a file. */
import * as z from 'zod'
import { Policy } from '../../core/model/model.ts'
import { POLICY_FIELDS } from './descriptions.ts'

export interface JsonSchema {
  description?: string
  properties?: Record<string, JsonSchema>
  anyOf?: JsonSchema[]
  minProperties?: number
  maximum?: number
  [keyword: string]: unknown
}

/** What a selector's schema cannot say by its fields alone. */
const NOT_EMPTY = new Set(['selector', 'selector.tags', 'exclude.tags'])

function describeProperty(schema: JsonSchema, path: string, texts: Record<string, string>): void {
  if (texts[path] !== undefined) schema.description = texts[path]
  if (NOT_EMPTY.has(path)) schema.minProperties = 1
  withoutBound(schema)
  for (const one of schema.anyOf ?? []) withoutBound(one)
  const objects = [schema, ...(schema.anyOf ?? [])]
  for (const { properties = {} } of objects)
    for (const [name, inner] of Object.entries(properties))
      describeProperty(inner, path === '' ? name : `${path}.${name}`, texts)
}

/** A bound that every whole number keeps says nothing. */
function withoutBound(schema: JsonSchema): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
}

/** Describes the fields of a schema, by their paths. */
export function describeFields<S extends JsonSchema>(schema: S, texts: Record<string, string>): S {
  describeProperty(schema, '', texts)
  return schema
}

/** A policy as it stands in a file: with its id, without what is read-only. */
export function policySchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(Policy, { io: 'input' }) as JsonSchema
  return { $schema, title: 'Curfew policy', ...describeFields(schema, POLICY_FIELDS) }
}
