/** IAM and STS, as far as they tell whose a key is and which projects it may use. */
import type { Request, Route } from '../route.ts'
import { callerOf, type Key } from './auth.ts'

/** A project as Keystone and IAM list it. */
export interface NamedProject {
  id: string
  /** `{region}` or `{region}_{name}`; on a plain OpenStack any. */
  name: string
  /** Default true. */
  isEnabled?: boolean
}
interface Identity {
  projects: readonly NamedProject[]
  /** Every key that may sign. */
  signers: () => readonly Key[]
  guard: Route['guard']
}

/** The account of all keys and projects. */
const ACCOUNT = { id: 'd78cbac186b744899480f25bd022f468', name: 'curfew-sample' }
/** Object Storage's own, in each account. */
const STORAGE = { id: 'babf0605d15b4f9fbcacb6a8ee0f8d84', name: 'MOS' }

const projectItem = ({ id, name, isEnabled = true }: NamedProject) => ({
  id,
  name,
  enabled: isEnabled,
  is_domain: false,
  description: '',
  domain_id: ACCOUNT.id,
  parent_id: ACCOUNT.id,
  links: { self: `https://iam.example/v3/projects/${id}` },
})

const listed = (items: object[]) => ({
  projects: items,
  links: { self: 'https://iam.example/v3/auth/projects', next: null, previous: null },
})
export const projectList = (projects: readonly NamedProject[]) => listed(projects.map(projectItem))

const isSigned = ({ headers }: Request): boolean => headers.authorization !== undefined

/** The calls of IAM and STS; who may make them is told by the signature alone. */
export function identityRoutes({ projects, signers, guard }: Identity): Route[] {
  const keyOf = ({ headers }: Request): Key => callerOf(headers, signers())
  const shared = { method: 'GET', guard, takes: isSigned }
  return [
    {
      ...shared,
      name: 'projects',
      path: '/v3/auth/projects',
      answer(request) {
        const { projects: own } = keyOf(request)
        const usable = projects.filter(({ id }) => own === undefined || own.includes(id))
        const account = { ...projectItem(ACCOUNT), is_domain: true }
        return { status: 200, body: listed([...[...usable, STORAGE].map(projectItem), account]) }
      },
    },
    {
      ...shared,
      name: 'account',
      path: '/v3/auth/domains',
      answer: () => ({
        status: 200,
        body: { domains: [{ ...ACCOUNT, enabled: true }], links: { next: null } },
      }),
    },
    {
      ...shared,
      name: 'caller',
      path: '/v5/caller-identity',
      answer(request) {
        const { user = 'curfew' } = keyOf(request)
        const urn = `iam::${ACCOUNT.id}:user:${user}`
        return { status: 200, body: { account_id: ACCOUNT.id, principal_urn: urn, principal_id: user } }
      },
    },
  ]
}
