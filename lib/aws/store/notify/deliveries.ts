/** Messages on their way to channels, on the to-do list until they were taken or given up, and the turns of each channel. */
import {
  Delivery,
  type DeliveryId,
  type DeliveryMessage,
  newDelivery,
} from '../../../core/notify/channel/delivery.ts'
import {
  ChannelTurns,
  mutedTurns,
  NO_TURNS,
  type TurnAnswer,
  type TurnAsk,
  takeTurn,
  takeUrgentTurn,
} from '../../../core/notify/channel/turn.ts'
import { expiryAttribute, type Keeping } from '../../expiry.ts'
import { deliveryKey, dueAt, NOT_DUE, turnsKey } from '../../keys.ts'
import type { Item, Table } from '../../table.ts'

/** Conflicts in a row after which a turn is a matter for a later message. */
const MAX_TURN_CONFLICTS = 20

/** Longer than any message waits, and than its run asks what became of it. */
const KEPT_DAYS = 7

export function deliveriesStore(table: Table, { now }: Keeping) {
  /** Changes a channel's turns by one conditional write; the answer, or `null` where others were always faster. */
  async function changeTurns<A extends { turns: ChannelTurns }>(
    channel: string,
    decide: (before: ChannelTurns) => A,
  ): Promise<A | null> {
    const key = turnsKey(channel)
    for (let conflicts = 0; conflicts < MAX_TURN_CONFLICTS; conflicts++) {
      const item = await table.item(key)
      // What cannot be read would hold back everything of the channel.
      const answer = decide(ChannelTurns.safeParse(item?.doc).data ?? NO_TURNS)
      const version = typeof item?.version === 'number' ? item.version : 0
      const when = [item ? versionOf(item) : { path: 'pk', absent: true as const }]
      const day = expiryAttribute({ retentionDays: 1, now })
      if (await table.put({ ...key, version: version + 1, ...day, doc: answer.turns }, when)) return answer
    }
    return null
  }

  return {
    /** Puts a message on the to-do list, unless it is or was there; `attentionAt`: when a tick comes back to it. */
    async createDelivery(delivery: DeliveryMessage, attentionAt: string): Promise<void> {
      const key = deliveryKey(delivery)
      const doc = newDelivery(delivery, now())
      const item = {
        ...key,
        ...dueAt(attentionAt, key),
        ...expiryAttribute({ retentionDays: KEPT_DAYS, now }),
        doc,
      }
      await table.put(item, [{ path: 'pk', absent: true }])
    },

    /** Read consistently; its message tells what, and `takenAt`, `givenUpAt` and `reason` what became of it. */
    async delivery(id: DeliveryId): Promise<Delivery | null> {
      const item = await table.item(deliveryKey(id))
      return item ? Delivery.parse(item.doc) : null
    },

    /** Notes what became of it; false where another changed it since it was read. `attentionAt`: when a tick comes back to it. */
    async saveDelivery(after: Delivery, before: Delivery, attentionAt = after.nextAt): Promise<boolean> {
      const key = deliveryKey(after)
      const due = attentionAt === undefined ? { remove: NOT_DUE } : {}
      const set = { doc: after, ...(attentionAt === undefined ? {} : dueAt(attentionAt, key)) }
      const { nextAt } = before
      const same = nextAt === undefined ? { absent: true as const } : { is: nextAt }
      const when = [{ path: 'doc.nextAt', ...same }]
      return (await table.change(key, { set, ...due, when })) !== null
    },

    /** Whether one more may be sent to a channel now, or when: decided over everything that is sent to it. */
    async channelTurn(channel: string, ask: TurnAsk & { isUrgent?: boolean }): Promise<TurnAnswer> {
      const take = ask.isUrgent ? takeUrgentTurn : takeTurn
      const answer = await changeTurns(channel, before => take(before, ask, now()))
      return answer ?? { kind: 'deferred', at: now() + 1000, turns: NO_TURNS }
    },

    /** Sends nothing to a channel for so long. */
    async muteChannel(channel: string, waitMs: number): Promise<void> {
      await changeTurns(channel, before => ({ turns: mutedTurns(before, waitMs, now()) }))
    },
  }
}

function versionOf({ version }: Item) {
  return version === undefined ? { path: 'version', absent: true as const } : { path: 'version', is: version }
}
