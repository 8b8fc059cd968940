/** What a connection proves itself to Keystone with, as it is kept as a secret. */
import * as z from 'zod'
import type { Connection } from '../../core/model/connection.ts'
import { jsonOf } from '../http/error-body.ts'
import { expectedJson, parseSecret, SecretText, type SecretVariables } from '../secret.ts'

export const Password = z.object(
  { username: SecretText, password: SecretText, domainName: SecretText },
  expectedJson(
    'username, password and domainName, or applicationCredentialId and applicationCredentialSecret',
  ),
)
export type Password = z.infer<typeof Password>

/** Keystone's key for a program: it belongs to one project, and can do no more than it was made for. */
const ApplicationCredential = z.object({
  applicationCredentialId: SecretText,
  applicationCredentialSecret: SecretText,
})
type ApplicationCredential = z.infer<typeof ApplicationCredential>
export type OpenstackSecret = Password | ApplicationCredential

export const KEYSTONE_VARIABLES: SecretVariables = {
  names: {
    username: 'OS_USERNAME',
    password: 'OS_PASSWORD',
    domainName: 'OS_USER_DOMAIN_NAME',
    applicationCredentialId: 'OS_APPLICATION_CREDENTIAL_ID',
    applicationCredentialSecret: 'OS_APPLICATION_CREDENTIAL_SECRET',
  },
  hint: named =>
    `${named('username', 'password', 'domainName')}, or ${named('applicationCredentialId', 'applicationCredentialSecret')}`,
}

/** A secret for Keystone: an application credential where any part of one is there, else a password. Throws as `parseSecret`. */
export function parseOpenstackSecret(connection: Connection, kept: unknown): OpenstackSecret {
  const fields = typeof kept === 'string' ? jsonOf(kept) : kept
  const names = Object.keys(typeof fields === 'object' && fields !== null ? fields : {})
  const isApplication = names.some(name => name in ApplicationCredential.shape)
  const schema = isApplication ? ApplicationCredential : Password
  return parseSecret<OpenstackSecret>(connection, { schema, variables: KEYSTONE_VARIABLES }, fields)
}
