/** Whose a key is, and which projects it may use: IAM and STS. */
import * as z from 'zod'
import type { Account, Project } from '../../../core/model/cloud.ts'
import type { Connection } from '../../../core/model/connection.ts'
import { CloudError } from '../../../core/model/errors.ts'
import type { AskCloud } from '../../http/request.ts'
import { ProjectList } from '../../projects.ts'
import { endpointOf } from '../endpoints.ts'

interface OfAccount {
  connection: Connection
  /** Without a project: these services belong to the account. */
  ask: AskCloud
}

/** Object Storage's own, which holds no server. */
const STORAGE_PROJECT = 'MOS'

/** IAM API reference, "Listing Projects Accessible to an IAM User"; needs no permission. */
export async function listProjects({ connection, ask }: OfAccount): Promise<Project[]> {
  const { value } = await ask({
    what: 'list of projects',
    method: 'GET',
    endpoint: endpointOf(connection, 'iam'),
    path: ['v3', 'auth', 'projects'],
    answer: ProjectList,
  })
  return value
    .filter(({ name }) => name !== STORAGE_PROJECT)
    .map(project => ({ ...project, region: regionIn(project.name) }))
}

/** A region's own project is called as the region is, one that was made in it `{region}_{name}`. */
function regionIn(name: string): string | null {
  const [region = ''] = name.split('_')
  return /^[a-z0-9]+(-[a-z0-9]+)+$/.test(region) ? region : null
}

/** STS API reference, "GetCallerIdentity"; needs no permission. */
const Caller = z
  .object({ account_id: z.string().min(1), principal_urn: z.string().nullish() })
  .transform(
    ({ account_id: id, principal_urn: caller }): Account => ({ id, name: null, caller: caller ?? null }),
  )
/** IAM API reference, "Querying the List of Domains Accessible to Users". */
const Domains = z
  .object({
    domains: z.tuple([z.object({ id: z.string().min(1), name: z.string().nullish() })], z.unknown()),
  })
  .transform(({ domains: [{ id, name }] }): Account => ({ id, name: name ?? null, caller: null }))

/** By STS, which tells the caller too; by IAM, where a region or a site has no STS. */
export async function readAccount(asking: OfAccount): Promise<Account | null> {
  for (const api of ['sts', 'iam'] as const) {
    const account = isKnown(asking.connection, api) ? await accountAt(asking, api) : null
    if (account !== null) return account
  }
  return null
}

/** Where the servers are elsewhere than by default, the key is shown to no host that only follows from the region. */
const isKnown = ({ endpoints }: Connection, api: 'sts' | 'iam'): boolean =>
  endpoints[api] !== undefined || endpoints.ecs === undefined

const ACCOUNT_CALLS = {
  sts: { path: ['v5', 'caller-identity'], answer: Caller },
  iam: { path: ['v3', 'auth', 'domains'], answer: Domains },
}

async function accountAt({ connection, ask }: OfAccount, api: 'sts' | 'iam'): Promise<Account | null> {
  const at = { endpoint: endpointOf(connection, api), ...ACCOUNT_CALLS[api] }
  try {
    return (await ask({ what: 'account of the key', method: 'GET', ...at, isOptional: true })).value
  } catch (error) {
    if (error instanceof CloudError) return null
    throw error
  }
}
