import * as z from 'zod'
import type { Connection } from '../core/model/connection.ts'
import { jsonOf } from './http/error-body.ts'
import { ownDetails, throwCloudError } from './http/failure.ts'

const MISSING = 'expected a text, and there is none'
const expectedJson = (fields: string) => ({ error: `expected JSON, an object with ${fields}` })

/** Sent in HTTP headers, where nothing else may stand. */
const Printable = z
  .string({ error: MISSING })
  .trim()
  .regex(/^[\x21-\x7e]+$/, { error: 'expected printable ASCII without spaces, at least one character' })
const Text = z.string({ error: MISSING }).min(1, { error: 'expected at least one character' })

/** A permanent access key, or a temporary one with its token. */
export const AccessKey = z.object(
  { accessKey: Printable, secretKey: Printable, securityToken: Printable.optional() },
  expectedJson('accessKey and secretKey'),
)
export type AccessKey = z.infer<typeof AccessKey>

export const Password = z.object(
  { username: Text, password: Text, domainName: Text },
  expectedJson(
    'username, password and domainName, or applicationCredentialId and applicationCredentialSecret',
  ),
)
export type Password = z.infer<typeof Password>

/** Keystone's key for a program: it belongs to one project, and can do no more than it was made for. */
const ApplicationCredential = z.object({
  applicationCredentialId: Text,
  applicationCredentialSecret: Text,
})
type ApplicationCredential = z.infer<typeof ApplicationCredential>
export type OpenstackSecret = Password | ApplicationCredential

const VARIABLES: Record<Connection['api'], Record<string, string>> = {
  huaweicloud: {
    accessKey: 'HUAWEICLOUD_SDK_AK',
    secretKey: 'HUAWEICLOUD_SDK_SK',
    securityToken: 'HUAWEICLOUD_SDK_SECURITY_TOKEN',
  },
  openstack: {
    username: 'OS_USERNAME',
    password: 'OS_PASSWORD',
    domainName: 'OS_USER_DOMAIN_NAME',
    applicationCredentialId: 'OS_APPLICATION_CREDENTIAL_ID',
    applicationCredentialSecret: 'OS_APPLICATION_CREDENTIAL_SECRET',
  },
}

/** A connection's secret as environment variables hold it, as far as they do; an empty variable counts as absent. */
export function secretFromVariables(
  { api, credentials }: Connection,
  variables: Record<string, string | undefined>,
): Record<string, string> {
  const there: Record<string, string> = {}
  for (const [field, name] of Object.entries(VARIABLES[api])) {
    const value = variables[credentials.name + name]
    if (value) there[field] = value
  }
  return there
}

/**
 * A secret as it is kept: JSON text, or the object itself. Throws `CloudError` (credentials, `secret-incomplete`) that
 * names what is missing, and never what is there.
 */
export function parseSecret<Secret>(
  connection: Connection,
  schema: z.ZodType<Secret>,
  kept: unknown,
): Secret {
  const parsed = schema.safeParse(typeof kept === 'string' ? jsonOf(kept) : kept)
  if (parsed.success) return parsed.data
  const { source, name } = connection.credentials
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${fieldName(connection, path[0])}: ${message}`,
  )
  const hint = source === 'environment' ? `. ${variableHint(connection, kept)}` : ''
  return throwCloudError({
    asked: `Connection ${connection.id}: its secret (${source} "${name}")`,
    came: `${problems.join('; ')}${hint}`,
    details: ownDetails({ class: 'credentials', code: 'secret-incomplete' }),
  })
}

/** Where none is set, all variables that a secret may come from. */
function variableHint({ api, credentials }: Connection, kept: unknown): string {
  const isNoneSet = typeof kept === 'object' && kept !== null && Object.keys(kept).length === 0
  if (!isNoneSet) return 'Variables are read when Curfew starts'
  const named = (...fields: string[]) =>
    fields.map(field => `${credentials.name}${VARIABLES[api][field]}`).join(', ')
  const known =
    api === 'huaweicloud'
      ? `${named('accessKey', 'secretKey')}, and ${named('securityToken')} for a temporary key`
      : `${named('username', 'password', 'domainName')}, or ${named('applicationCredentialId', 'applicationCredentialSecret')}`
  return `The variables are ${known}; they are read when Curfew starts`
}

/** A secret for Keystone: an application credential where any part of one is there, else a password. Throws as `parseSecret`. */
export function parseOpenstackSecret(connection: Connection, kept: unknown): OpenstackSecret {
  const fields = typeof kept === 'string' ? jsonOf(kept) : kept
  const names = Object.keys(typeof fields === 'object' && fields !== null ? fields : {})
  const isApplication = names.some(name => name in ApplicationCredential.shape)
  return parseSecret<OpenstackSecret>(connection, isApplication ? ApplicationCredential : Password, fields)
}

/** The variable's name, where the secret comes from variables. */
function fieldName({ api, credentials }: Connection, field: PropertyKey | undefined): string {
  if (field === undefined) return 'the whole'
  const variable = credentials.source === 'environment' ? VARIABLES[api][String(field)] : undefined
  return variable === undefined ? String(field) : credentials.name + variable
}
