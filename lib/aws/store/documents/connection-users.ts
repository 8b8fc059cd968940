/**
 * Which policies use a connection, read before it is deleted. No transaction: a policy's name is written beside the connection
 * before the policy is saved, and takes away the mark without which the connection is not removed. The mark is set before the names
 * are read. Whatever comes in between, one of both sees the other.
 */
import { connectionKey, connectionUserKey, keyId, policyKey, userOf, usersPrefix } from '../../keys.ts'
import type { Item, Table } from '../../table.ts'
import { HEAD_FIELDS, policyHead } from './stored-documents.ts'

/** Longer than any request lasts: a name this old whose policy was not saved is of one that died. */
const MAX_SAVE_MS = 60_000

export function connectionUsers(table: Table, { now, unique }: { now: () => number; unique: () => string }) {
  /** Whether the policy uses the connection, or is about to. */
  function isUser(
    policy: Item | undefined,
    { namedAt, connectionId }: { namedAt: string; connectionId: string },
  ) {
    if (policy && policyHead(policy).connections.includes(connectionId)) return true
    const { change, doc } = (policy ?? {}) as { change?: { at?: string }; doc?: { updatedAt?: string } }
    const savedAt = doc?.updatedAt ?? change?.at ?? ''
    return savedAt <= namedAt && now() - Date.parse(namedAt) < MAX_SAVE_MS
  }

  return {
    /** Names a policy that is about to use a connection; false where there is no such connection any more. */
    async nameConnectionUser(connectionId: string, policyId: string): Promise<boolean> {
      await table.put({
        ...connectionUserKey(connectionId, policyId),
        namedAt: new Date(now()).toISOString(),
      })
      const when = [{ path: 'doc', present: true as const }]
      return (await table.change(connectionKey(connectionId), { remove: ['deleting'], when })) !== null
    },

    /** Marks a connection that is to be deleted; `null` where there is none any more. */
    async markDeleting(id: string): Promise<string | null> {
      const deleting = unique()
      const when = [{ path: 'doc', present: true as const }]
      const marked = await table.change(connectionKey(id), { set: { deleting }, when })
      return marked && deleting
    },

    /** Policies that are named beside a connection and use it, or are about to: read consistently. */
    async namedConnectionUsers(connectionId: string): Promise<string[]> {
      const { pk } = connectionKey(connectionId)
      const users: string[] = []
      for await (const page of table.pages({
        hash: ['pk', pk],
        range: { name: 'sk', prefix: usersPrefix },
      })) {
        const fields = [...HEAD_FIELDS, 'doc.updatedAt', 'change.at']
        const found = await table.items(
          page.map(item => policyKey(userOf(item))),
          fields,
        )
        const policies = new Map(found.map(item => [keyId(item), item]))
        for (const item of page)
          if (isUser(policies.get(userOf(item)), { namedAt: String(item.namedAt), connectionId }))
            users.push(userOf(item))
      }
      return users
    },
  }
}
