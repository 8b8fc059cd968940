/** Everything Curfew keeps, one function for each way it is asked for. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { grantPace, NO_PACE, Pace, type PaceAnswer, type PaceAsk } from '../../core/stop/pace.ts'
import type { DueItem, DueWork } from '../../core/tick/attention.ts'
import { expiryAttribute } from '../expiry.ts'
import {
  calendarKey,
  chunkKey,
  DUE,
  deliveryKey,
  deliveryOf,
  dueAt,
  dueInstant,
  dueUntil,
  paceKey,
  runKey,
  warnedStopOf,
  warningKey,
  webhookKey,
} from '../keys.ts'
import { createTable, type Item, type Key } from '../table.ts'
import { chunksStore } from './chunks.ts'
import { clockStore } from './clock.ts'
import { calendarsStore } from './documents/calendars.ts'
import { changesStore } from './documents/changes.ts'
import { channelsStore } from './documents/channels.ts'
import { documentUsers } from './documents/document-users.ts'
import { documentsStore } from './documents/documents.ts'
import { feedsStore } from './documents/feeds.ts'
import { serverSnoozesStore } from './documents/server-snoozes.ts'
import { endedRuns } from './ended-runs.ts'
import { serverLists } from './lists/lists.ts'
import { alarmsStore } from './notify/alarms.ts'
import { deliveriesStore } from './notify/deliveries.ts'
import { webhooksStore } from './notify/webhooks.ts'
import { outcomesStore } from './outcomes.ts'
import { overviewStore } from './overview.ts'
import { pricesStore } from './prices.ts'
import { runList } from './run-list.ts'
import { runsStore } from './runs.ts'
import { stoppedServersStore } from './savings/stopped-servers.ts'
import { joinedReads } from './together.ts'
import { linkKeysStore } from './warnings/link-keys.ts'
import { warningsStore } from './warnings/warnings.ts'

interface StoreOptions {
  dynamo: DynamoDBClient
  tableName: string
  retentionDays: number
  /** ms since the epoch */
  now: () => number
  /** A token that no other writer has. */
  unique: () => string
}

/** Conflicts in a row after which pace is a matter for a later message. */
const MAX_CONFLICTS = 20

function parseDueItem({ pk, sk, dueAt: listed }: Key & Record<string, unknown>): DueItem {
  const id = pk.slice(pk.indexOf('#') + 1)
  const at = dueInstant(String(listed))
  if (pk.startsWith('DELIVERY#')) return { kind: 'delivery', ...deliveryOf({ pk, sk }), dueAt: at }
  const stopAt = warnedStopOf({ sk })
  if (stopAt !== null) return { kind: 'warning', policyId: id, stopAt, dueAt: at }
  if (pk.startsWith('POLICY#')) return { kind: 'policy', id, dueAt: at }
  if (pk.startsWith('CALENDAR#')) return { kind: 'calendar', id, dueAt: at }
  if (sk === 'HEAD') return { kind: 'run', id, dueAt: at }
  if (sk === 'WEBHOOK') return { kind: 'webhook', runId: id, dueAt: at }
  const [, planning, number] = sk.split('#')
  return { kind: 'chunk', runId: id, planning: Number(planning), number: Number(number), dueAt: at }
}

function dueItemKey(due: DueWork): Key {
  switch (due.kind) {
    case 'run':
      return runKey(due.id)
    case 'calendar':
      return calendarKey(due.id)
    case 'webhook':
      return webhookKey(due.runId)
    case 'delivery':
      return deliveryKey(due)
    case 'warning':
      return warningKey(due)
    case 'chunk':
      return chunkKey(due)
  }
}

/** Holds as long as no other write changed the item since. */
function sameVersion(item: Item | undefined) {
  if (!item) return { path: 'pk', absent: true as const }
  const { version } = item
  return version === undefined ? { path: 'version', absent: true as const } : { path: 'version', is: version }
}

export type Store = ReturnType<typeof createStore>

export function createStore({ dynamo, tableName, retentionDays, now, unique }: StoreOptions) {
  const table = createTable(dynamo, tableName)
  const keeping = { retentionDays, now }
  const history = changesStore(table, keeping)
  const lists = serverLists(table, keeping)

  return {
    ...documentsStore(table, history),
    ...channelsStore(table, history),
    ...feedsStore(table),
    ...calendarsStore(table, history, now),
    ...serverSnoozesStore(table, keeping, history),
    ...documentUsers(table, { now, unique }),
    ...runsStore(table, keeping),
    ...runList(table),
    ...endedRuns(table, { now }),
    ...chunksStore(table, keeping, lists),
    ...outcomesStore(table, lists),
    ...stoppedServersStore(table, lists),
    ...joinedReads(table, lists),
    ...webhooksStore(table, keeping),
    ...deliveriesStore(table, keeping),
    ...alarmsStore(table, keeping),
    ...warningsStore(table, keeping),
    ...linkKeysStore(table),
    ...pricesStore(table, now),
    ...clockStore(table, parseDueItem),
    ...overviewStore(table, parseDueItem),
    changes: history.changes,

    /** What needs attention at `until`, the longest waiting first, page by page. One query reads only what is due. */
    async *due(until: string): AsyncGenerator<DueItem[]> {
      const range = { name: 'dueAt', to: dueUntil(until) }
      for await (const page of table.pages({ index: 'due', hash: ['dueKey', DUE], range }))
        yield page.map(parseDueItem)
    },

    /** Moves the instant at which a run, its webhook, a message, a chunk or a calendar needs attention; false when it moved since it was read. */
    async postpone(due: DueWork, until: string): Promise<boolean> {
      const key = dueItemKey(due)
      const when = [{ path: 'dueAt', is: dueAt(due.dueAt, key).dueAt }]
      return (await table.change(key, { set: dueAt(until, key), when })) !== null
    },

    /** Grants or defers a request, by one conditional write over everything that was sent for the project and kind. */
    async pace(of: { projectId: string; kind: string }, ask: PaceAsk): Promise<PaceAnswer> {
      const key = paceKey(of.projectId, of.kind)
      const owner = unique()
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
        const item = await table.item(key)
        // What cannot be read would hold back everything of the project for a day.
        const before = Pace.safeParse(item?.doc).data ?? NO_PACE
        const answer = grantPace(before, ask, now())
        if (answer.pace === before) return answer
        const version = typeof item?.version === 'number' ? item.version : 0
        const when = [sameVersion(item)]
        const day = expiryAttribute({ retentionDays: 1, now })
        if (await table.put({ ...key, version: version + 1, owner, ...day, doc: answer.pace }, when))
          return answer
        const other = await table.item(key)
        if (other?.owner === owner) return answer
      }
      return { kind: 'deferred', at: now() + 1000, pace: NO_PACE }
    },
  }
}
