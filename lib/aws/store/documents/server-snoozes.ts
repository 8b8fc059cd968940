/**
 * Snoozes of single servers: those of a connection stand together, so that one query tells them all. There they stay no longer than they
 * count; their changes stand elsewhere, and stay.
 */
import { type Change, orderAfter } from '../../../core/documents/change.ts'
import { type KeptSnooze, ServerSnooze, type ServerSnoozes } from '../../../core/plan/server-snooze.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import { serverSnoozeKey, snoozedPk, snoozedServerOf } from '../../keys.ts'
import type { Item, Key, Table } from '../../table.ts'
import type { SaveChanged } from './changes.ts'
import { hasDocument } from './stored-documents.ts'

/** A server of a connection. */
interface SnoozedServer {
  connection: string
  serverId: string
}

/** What was kept past its time is over, even if its end cannot be read. */
const isOver = ({ expiresAt }: Item, now: number): boolean =>
  typeof expiresAt === 'number' && expiresAt * 1000 <= now

const keptSnooze = ({ doc }: Item): KeptSnooze => ServerSnooze.safeParse(doc).data ?? null

/** A snooze is kept for a day longer: the clocks of functions may differ. */
const expiryAfter = ({ until }: ServerSnooze): { expiresAt: number } =>
  expiryAttribute({ retentionDays: 1, now: () => Date.parse(until) })

/** The edit that it replaces; of what cannot be read, its last change alone guards it. */
function replacing(kept: KeptSnooze | undefined) {
  if (kept === undefined) return [{ path: 'doc', absent: true as const }]
  return kept === null ? [] : [{ path: 'doc.version', is: kept.version }]
}

export function serverSnoozesStore(table: Table, keeping: Keeping, history: SaveChanged) {
  /** Changes stand in the order of their instants, also where the item of the last one is gone. */
  async function ordered(of: SnoozedServer, change: Change): Promise<Change> {
    const { rows } = await history.changes(
      { kind: 'server', connection: of.connection, id: of.serverId },
      { most: 1 },
    )
    const [last] = rows
    return orderAfter(change, last && 'item' in last ? last.item.at : undefined)
  }

  /** Only once its change is copied may an item go: a crash before leaves it longer than it counts, and nothing is lost. */
  async function settle(key: Key): Promise<void> {
    const item = await table.item(key)
    const last = await history.copyChange(item)
    if (!item || !last) return
    const when = [{ path: 'change.at', is: last.at }]
    const kept = keptSnooze(item)
    if (!hasDocument(item)) await table.remove(key, when)
    else if (kept) await table.change(key, { set: expiryAfter(kept), when })
  }

  return {
    /** The snoozes of a connection's servers, read consistently. */
    async serverSnoozes(connection: string): Promise<ServerSnoozes> {
      const found = new Map<string, KeptSnooze>()
      for await (const items of table.pages({ hash: ['pk', snoozedPk(connection)] }))
        for (const item of items)
          if (hasDocument(item) && !isOver(item, keeping.now()))
            found.set(snoozedServerOf(item), keptSnooze(item))
      return found
    },

    /** `undefined`: there is none. */
    async serverSnooze({ connection, serverId }: SnoozedServer): Promise<KeptSnooze | undefined> {
      const item = await table.item(serverSnoozeKey(connection, serverId))
      return hasDocument(item) ? keptSnooze(item) : undefined
    },

    /** `snooze`: `undefined` ends it. `replaces`: what was read before. False when another edit came between. */
    async saveServerSnooze(
      of: SnoozedServer,
      { snooze, replaces }: { snooze: ServerSnooze | undefined; replaces: KeptSnooze | undefined },
      change: Change,
    ): Promise<boolean> {
      const key = serverSnoozeKey(of.connection, of.serverId)
      const item = { ...key, ...expiryAttribute(keeping), ...(snooze ? { doc: snooze } : {}) }
      if (!(await history.saveChanged(item, replacing(replaces), await ordered(of, change)))) return false
      await settle(key)
      return true
    },
  }
}
