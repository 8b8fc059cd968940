/** JSON Schema for editors: of a policy as it stands in a file. */
import * as z from 'zod'
import { Policy } from '../../core/model/model.ts'
import { EITHER_CONNECTIONS } from '../schemas/schemas.ts'

interface Bounded {
  maximum?: number
  minimum?: number
}

/** Drops a bound that every whole number keeps: it says nothing. */
export function dropEmptyBounds({ jsonSchema }: { jsonSchema: Bounded }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
}

/** A policy as it stands in a file: with its id, without what is read-only. */
export function policySchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(Policy, { io: 'input', override: dropEmptyBounds })
  return { $schema, title: 'Curfew policy', ...schema, ...EITHER_CONNECTIONS }
}
