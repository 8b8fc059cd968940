/** A cloud's secret as it is kept: JSON text, an object, or environment variables. */
import * as z from 'zod'
import type { Connection } from '../core/model/connection.ts'
import { jsonOf } from './http/error-body.ts'
import { ownDetails, throwCloudError } from './http/failure.ts'

const MISSING = 'expected a text, and there is none'
export const expectedJson = (fields: string) => ({ error: `expected JSON, an object with ${fields}` })

/** Sent in HTTP headers, where nothing else may stand. */
export const PrintableText = z
  .string({ error: MISSING })
  .trim()
  .regex(/^[\x21-\x7e]+$/, { error: 'expected printable ASCII without spaces, at least one character' })
export const SecretText = z.string({ error: MISSING }).min(1, { error: 'expected at least one character' })

/** Which environment variables may hold a secret. */
export interface SecretVariables {
  /** By the secret's field, what its variable is called behind the connection's own beginning. */
  names: Record<string, string>
  /** Says which of them belong together. `named`: the whole names of the variables of some fields. */
  hint(named: (...fields: string[]) => string): string
}

/** A connection's secret as environment variables hold it, as far as they do; an empty variable counts as absent. */
export function readVariables(
  { names }: SecretVariables,
  { credentials }: Connection,
  variables: Record<string, string | undefined>,
): Record<string, string> {
  const there: Record<string, string> = {}
  for (const [field, name] of Object.entries(names)) {
    const value = variables[credentials.name + name]
    if (value) there[field] = value
  }
  return there
}

interface SecretForm<Secret> {
  schema: z.ZodType<Secret>
  variables: SecretVariables
}

/**
 * A secret as it is kept: JSON text, or the object itself. Throws `CloudError` (credentials, `secret-incomplete`) that
 * names what is missing, and never what is there.
 */
export function parseSecret<Secret>(
  connection: Connection,
  { schema, variables }: SecretForm<Secret>,
  kept: unknown,
): Secret {
  const parsed = schema.safeParse(typeof kept === 'string' ? jsonOf(kept) : kept)
  if (parsed.success) return parsed.data
  const { source, name } = connection.credentials
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${fieldName(connection, variables, path[0])}: ${message}`,
  )
  const hint = source === 'environment' ? `. ${variableHint(connection, variables, kept)}` : ''
  return throwCloudError({
    asked: `Connection ${connection.id}: its secret (${source} "${name}")`,
    came: `${problems.join('; ')}${hint}`,
    details: ownDetails({ class: 'credentials', code: 'secret-incomplete' }),
  })
}

/** Where none is set, all variables that a secret may come from. */
function variableHint({ credentials }: Connection, { names, hint }: SecretVariables, kept: unknown): string {
  const isNoneSet = typeof kept === 'object' && kept !== null && Object.keys(kept).length === 0
  if (!isNoneSet) return 'Variables are read when Curfew starts'
  const named = (...fields: string[]) => fields.map(field => `${credentials.name}${names[field]}`).join(', ')
  return `The variables are ${hint(named)}; they are read when Curfew starts`
}

/** The variable's name, where the secret comes from variables. */
function fieldName(
  { credentials }: Connection,
  { names }: SecretVariables,
  field: PropertyKey | undefined,
): string {
  if (field === undefined) return 'the whole'
  const variable = credentials.source === 'environment' ? names[String(field)] : undefined
  return variable === undefined ? String(field) : credentials.name + variable
}
