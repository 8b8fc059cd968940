/** A snooze of one server, kept beside its connection: every policy heeds it. */
import * as z from 'zod'
import { Instant } from '../model/model.ts'

export const ServerSnooze = z.strictObject({
  until: Instant,
  reason: z.string(),
  /** The actor of the latest request. */
  actor: z.string(),
  at: Instant,
  /** Counts up with each change. */
  version: z.int(),
})
export type ServerSnooze = z.infer<typeof ServerSnooze>

/** `null`: it is there, and cannot be read. */
export type KeptSnooze = ServerSnooze | null

/** The kept snoozes of a connection, by the ids of their servers; those that are over may be among them. */
export type ServerSnoozes = ReadonlyMap<string, KeptSnooze>
export const NO_SNOOZES: ServerSnoozes = new Map()

/** When a snooze ends, ms since the epoch; `null` for one that is over, cannot be read, or is not there. */
export function snoozeEnd(snooze: KeptSnooze | undefined, now: number): number | null {
  const end = snooze ? Date.parse(snooze.until) : now
  return end > now ? end : null
}
