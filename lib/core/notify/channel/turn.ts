/** When a channel's next message may be sent: each tool takes only so many, and mutes a sender of more. */
import * as z from 'zod'
import { afterQuiet } from '../../schedule/quiet.ts'
import type { ChannelType } from './channel.ts'

/** What was sent to a channel lately; instants in ms since the epoch. */
export const ChannelTurns = z.object({
  /** When the latest messages were sent, in their order. */
  sent: z.array(z.number()),
  /** The turn of the last message that waits. */
  lastAt: z.number().optional(),
  /** The turn of the last warning that waits. */
  lastUrgentAt: z.number().optional(),
  /** The tool takes nothing before this. */
  mutedUntil: z.number().optional(),
})
export type ChannelTurns = z.infer<typeof ChannelTurns>
export const NO_TURNS: ChannelTurns = { sent: [] }

interface Limit {
  most: number
  inMs: number
}
/** A little longer than the tools' own windows: what leaves evenly does not arrive evenly. */
const SECOND_MS = 1_100
const MINUTE_MS = 61_000

const LIMITS: Record<ChannelType, Limit[]> = {
  slack: [{ most: 1, inMs: SECOND_MS }],
  teams: [{ most: 4, inMs: SECOND_MS }],
  feishu: [
    { most: 5, inMs: SECOND_MS },
    { most: 100, inMs: MINUTE_MS },
  ],
  dingtalk: [{ most: 20, inMs: MINUTE_MS }],
  wecom: [{ most: 20, inMs: MINUTE_MS }],
  webhook: [],
}
const KEPT = Math.max(...Object.values(LIMITS).flatMap(limits => limits.map(({ most }) => most)))

/** Whether a tool asks to keep off full and half hours. */
export const keepsOffHours = (type: unknown): boolean => type === 'feishu'

const turnAfter = (type: ChannelType, ms: number): number => (keepsOffHours(type) ? afterQuiet(ms) : ms)

/** A turn further ahead than this was written by a clock that ran ahead. */
const MAX_AHEAD_MS = 86_400_000
/** Clocks of functions differ by less. */
const MAX_SKEW_MS = 60_000

export interface TurnAsk {
  type: ChannelType
  /** Whether it has waited already: then it does not wait behind those that came later. */
  hasWaited: boolean
}
export type TurnAnswer =
  | { kind: 'granted'; turns: ChannelTurns }
  | { kind: 'deferred'; at: number; turns: ChannelTurns }

/** Whether a message may be sent now, or when its turn comes. A granted one is noted as sent. */
export function takeTurn(before: ChannelTurns, { type, hasWaited }: TurnAsk, now: number): TurnAnswer {
  const limits = LIMITS[type]
  const isOurTime = (ms: number | undefined): ms is number => ms !== undefined && ms <= now + MAX_AHEAD_MS
  const sent = before.sent.filter(ms => ms <= now + MAX_SKEW_MS)
  const mutedUntil = isOurTime(before.mutedUntil) && before.mutedUntil > now ? before.mutedUntil : now
  const lastAt = isOurTime(before.lastAt) && before.lastAt > now ? before.lastAt : undefined
  const free = limits.map(({ most, inMs }) => (sent.at(-most) ?? -inMs) + inMs)
  const opensAt = turnAfter(type, Math.max(now, mutedUntil, ...free))
  if (opensAt <= now && (hasWaited || lastAt === undefined))
    return { kind: 'granted', turns: { ...before, sent: [...sent, now].slice(-KEPT) } }
  const spacingMs = Math.max(0, ...limits.map(({ most, inMs }) => inMs / most))
  // Queues delay by whole seconds.
  const at = turnAfter(type, Math.ceil(Math.max(opensAt, (lastAt ?? 0) + spacingMs) / 1000) * 1000)
  return { kind: 'deferred', at, turns: { ...before, sent, lastAt: at } }
}

/** Sends nothing to a tool for a while that said too much came. */
export const mutedTurns = (before: ChannelTurns, waitMs: number, now: number): ChannelTurns => ({
  ...before,
  mutedUntil: Math.max(before.mutedUntil ?? 0, now + waitMs),
})

/** As `takeTurn`, for a warning: it waits behind other warnings alone. */
export function takeUrgentTurn(before: ChannelTurns, ask: TurnAsk, now: number): TurnAnswer {
  const { lastAt, lastUrgentAt, ...rest } = before
  const answer = takeTurn(lastUrgentAt === undefined ? rest : { ...rest, lastAt: lastUrgentAt }, ask, now)
  const { lastAt: urgentAt, ...turns } = answer.turns
  const lines = { ...(lastAt && { lastAt }), ...(urgentAt && { lastUrgentAt: urgentAt }) }
  return { ...answer, turns: { ...turns, ...lines } }
}
