/**
 * Which policies use a connection, a channel or a calendar, read before it is deleted. No transaction: a policy's name is written beside the
 * document before the policy is saved, and takes away the mark without which the document is not removed. The mark is set before the
 * names are read. Whatever comes in between, one of both sees the other.
 */
import {
  calendarKey,
  channelKey,
  connectionKey,
  keyId,
  policyKey,
  userKey,
  userOf,
  usersPrefix,
} from '../../keys.ts'
import type { Item, Table } from '../../table.ts'
import { HEAD_FIELDS, type PolicyHead, policyHead } from './stored-documents.ts'

/** What policies name: where each of them stands, and where a policy names it. */
const USED = {
  connection: { keyOf: connectionKey, named: 'connections' },
  channel: { keyOf: channelKey, named: 'channels' },
  calendar: { keyOf: calendarKey, named: 'calendars' },
} as const
/** A document that policies name. */
interface UsedDocument {
  kind: keyof typeof USED
  id: string
}
const usedKey = ({ kind, id }: UsedDocument) => USED[kind].keyOf(id)
/** Whether a policy, even one that cannot be read, names the document. */
const isNamedIn = (head: PolicyHead, { kind, id }: UsedDocument): boolean =>
  head[USED[kind].named].includes(id)

/** Longer than any request lasts: a name this old whose policy was not saved is of one that died. */
const MAX_SAVE_MS = 60_000

export function documentUsers(table: Table, { now, unique }: { now: () => number; unique: () => string }) {
  /** Whether the policy uses the document, or is about to. */
  function isUser(policy: Item | undefined, { namedAt, used }: { namedAt: string; used: UsedDocument }) {
    if (policy && isNamedIn(policyHead(policy), used)) return true
    const { change, doc } = (policy ?? {}) as { change?: { at?: string }; doc?: { updatedAt?: string } }
    const savedAt = doc?.updatedAt ?? change?.at ?? ''
    return savedAt <= namedAt && now() - Date.parse(namedAt) < MAX_SAVE_MS
  }

  return {
    /** Names a policy that is about to use a document; false where there is no such document any more. */
    async nameUser(used: UsedDocument, policyId: string): Promise<boolean> {
      const key = usedKey(used)
      await table.put({ ...userKey(key, policyId), namedAt: new Date(now()).toISOString() })
      const when = [{ path: 'doc', present: true as const }]
      return (await table.change(key, { remove: ['deleting'], when })) !== null
    },

    /** Marks a document that is to be deleted; `null` where there is none any more. */
    async markDeleting(used: UsedDocument): Promise<string | null> {
      const deleting = unique()
      const when = [{ path: 'doc', present: true as const }]
      const marked = await table.change(usedKey(used), { set: { deleting }, when })
      return marked && deleting
    },

    /** Policies that are named beside a document and use it, or are about to: read consistently. */
    async namedUsers(used: UsedDocument): Promise<string[]> {
      const { pk } = usedKey(used)
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
          if (isUser(policies.get(userOf(item)), { namedAt: String(item.namedAt), used }))
            users.push(userOf(item))
      }
      return users
    },
  }
}
