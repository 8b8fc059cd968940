/** Whose a secret is, and which projects it may use: Keystone. */
import type { Account, Project } from '../../core/model/cloud.ts'
import type { CloudOptions } from '../http/options.ts'
import { ProjectList } from '../projects.ts'
import { keystoneAsk, requestToken, secretsOf, tokenText } from './keystone.ts'
import { parseOpenstackSecret } from './secret.ts'

/**
 * The projects that a user has a role in (Identity API v3, "Get available project scopes"). An application credential belongs to one,
 * and is of use in no other. All are in the connection's region: Keystone's projects have none.
 */
export async function userProjects(options: CloudOptions): Promise<Project[]> {
  const { connection } = options
  const { region } = connection
  const secret = parseOpenstackSecret(connection, options.secret)
  const answered = await requestToken(options, secret)
  const { project: own } = answered.value.token
  if (!('password' in secret))
    return own ? [{ id: own.id, name: own.name ?? own.id, region, isEnabled: true }] : []
  const token = tokenText(connection, answered)
  const ask = keystoneAsk(options, {
    authorize: ({ headers }) => ({ ...headers, 'x-auth-token': token }),
    secrets: [token, ...secretsOf(secret)],
  })
  const { value } = await ask({
    what: 'list of projects',
    method: 'GET',
    endpoint: connection.endpoints.identity!,
    path: ['auth', 'projects'],
    answer: ProjectList,
  })
  return value.map(project => ({ ...project, region }))
}

/** The domain of the connection's project. */
export async function userAccount(options: CloudOptions): Promise<Account | null> {
  const { connection } = options
  const secret = parseOpenstackSecret(connection, options.secret)
  const { project, user } = (await requestToken(options, secret, connection.projectId)).value.token
  const domain = project?.domain
  return domain ? { id: domain.id, name: domain.name ?? null, caller: user?.name ?? null } : null
}
