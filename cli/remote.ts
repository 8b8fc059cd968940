/** Curfew's HTTP API as the policies are applied with it; signed, where it is not on this machine. */
import * as z from 'zod'
import { Policy, PolicyOutlook, PolicyState } from '../lib/core/model/model.ts'
import type { Variables } from './authorize.ts'
import { send } from './send.ts'

const Stored = z.looseObject({ id: z.string(), version: z.int() })
const Page = z.object({ items: z.array(Stored), nextCursor: z.string().nullable() })

export interface RemotePolicy {
  policy: Policy
  version: number
}
export interface Remote {
  /** All of them. */
  policies(): Promise<RemotePolicy[]>
  /** `version`: the one it replaces, `null` for none. */
  save(policy: Policy, version: number | null): Promise<void>
  remove(id: string, version: number): Promise<void>
}

function plain(stored: z.infer<typeof Stored>): RemotePolicy {
  const readOnly = { ...PolicyState.shape, ...PolicyOutlook.shape }
  const fields = Object.entries(stored).filter(([name]) => !Object.hasOwn(readOnly, name))
  return { policy: Policy.parse(Object.fromEntries(fields)), version: stored.version }
}

/** What was read is what is replaced, or nothing is. */
function guardOf(version: number | null | undefined): Record<string, string> {
  if (version === undefined) return {}
  return version === null ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` }
}

/** The API at an address. Its functions throw an error with the request and the answer's own words when it is not a success. */
export function createRemote(address: URL, env: Variables): Remote {
  const call = (
    method: string,
    path: string,
    { body, version }: { body?: object; version?: number | null } = {},
  ) =>
    send(
      {
        ...{ method, url: new URL(`/v1${path}`, address) },
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...guardOf(version),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      },
      { env },
    )
  return {
    async policies() {
      const items: RemotePolicy[] = []
      let cursor = ''
      do {
        const page = Page.parse(await call('GET', `/policies?limit=1000${cursor}`))
        items.push(...page.items.map(plain))
        cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`
      } while (cursor !== '')
      return items
    },
    save: async (policy, version) =>
      void (await call('PUT', `/policies/${policy.id}`, { body: policy, version })),
    remove: async (id, version) => void (await call('DELETE', `/policies/${id}`, { version })),
  }
}
