/** The warning of one due stop: what it says, when it is dealt with, and what became of it. */
import * as z from 'zod'
import { Id, Instant } from '../model/model.ts'
import type { Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'
import type { Tries } from './tries.ts'

/** A due stop of a policy. */
export const DueStop = z.object({ policyId: Id, stopAt: Instant })
export type DueStop = z.infer<typeof DueStop>

/** When a link acted, and its actor. */
const LinkUse = z.object({ at: Instant, actor: z.string() })
export type LinkUse = z.infer<typeof LinkUse>

export const StopWarning = z.object({
  ...DueStop.shape,
  /** How often the servers were asked for in vain. */
  tries: z.int().min(0),
  /** Why, the last time. */
  reason: z.string().optional(),
  /** When it is to be dealt with; absent once it is settled. */
  nextAt: Instant.optional(),
  /** `nobody`: it would stop no server. `moot`: that stop is not due any more. `late`: its time came first. */
  ending: z.enum(['sent', 'nobody', 'moot', 'late']).optional(),
  /** The channels that it was sent to. */
  channels: z.array(z.string()).default([]),
  /** Its links that acted, by their names. */
  used: z.record(z.string(), LinkUse).default({}),
})
export type StopWarning = z.infer<typeof StopWarning>

/** Of its messages, one to each channel: the same however often they are made. */
export const warningKeyOf = ({ policyId, stopAt }: DueStop): string =>
  `${policyId}.${stopAt.replace(/[-:]|\.\d+/g, '')}.warning`

export const newWarning = (stop: DueStop, now: number): StopWarning => ({
  ...stop,
  tries: 0,
  nextAt: isoInstant(now),
  channels: [],
  used: {},
})

/** Whether it is to be dealt with now: of a message that comes twice, the second one finds it done, or its time not come. */
export const isToBeWarned = ({ nextAt }: StopWarning, now: number): boolean =>
  nextAt !== undefined && now >= Date.parse(nextAt)

const FIRST_PAUSE_MS = 60_000
const MAX_TRIES = 3
/** Closer to the stop there is no time to be told and to think. */
const LAST_WORD_MS = 180_000

/** A listing takes minutes: for so long no other function begins it. After a crash, half the time to the stop is left. */
const MAX_HOLD_MS = 600_000
const MIN_HOLD_MS = 120_000

export function heldWarning(warning: StopWarning, now: number): StopWarning {
  const leftMs = Date.parse(warning.stopAt) - now
  const holdMs = Math.max(MIN_HOLD_MS, Math.min(MAX_HOLD_MS, leftMs / 2))
  return { ...warning, nextAt: isoInstant(now + holdMs) }
}

/** After its servers could not be listed: the same, to be tried again; `null`: people are told without their number. */
export function afterFailedListing(warning: StopWarning, reason: string, now: number): StopWarning | null {
  const nextMs = now + FIRST_PAUSE_MS * 2 ** warning.tries
  const tries = warning.tries + 1
  if (tries >= MAX_TRIES || nextMs > Date.parse(warning.stopAt) - LAST_WORD_MS) return null
  return { ...warning, tries, reason, nextAt: isoInstant(nextMs) }
}

/** What became of it. */
export const settledWarning = (
  { nextAt: _, ...warning }: StopWarning,
  after: Pick<StopWarning, 'ending'> & Partial<Pick<StopWarning, 'channels' | 'reason'>>,
): StopWarning => ({ ...warning, ...after })

/** How the message to one channel stands; `null`: there is none. */
type ToldChannel = Pick<Tries, 'takenAt' | 'reason'> | null

function unsentReason(warning: StopWarning | null): string {
  if (warning === null) return 'no warning was made before the stop was due'
  const { ending, reason } = warning
  const moot = 'this stop was not to come when people were to be warned of it'
  return reason ?? (ending === 'moot' ? moot : 'the stop came first')
}

/** What a run keeps of its warning once its time has come; `told`: of each channel that was to be warned. */
export function runWarning(
  warning: StopWarning | null,
  told: Map<string, ToldChannel>,
): Pick<Run, 'warning'> {
  if (warning?.ending === 'nobody') return {}
  if (warning?.ending !== 'sent') {
    const reason = unsentReason(warning)
    return { warning: { sent: [], unsent: [...told.keys()].map(channel => ({ channel, reason })) } }
  }
  const channels = [...told]
  const isTaken = ([, one]: (typeof channels)[number]) => one?.takenAt !== undefined
  return {
    warning: {
      sent: channels.filter(isTaken).map(([channel]) => channel),
      unsent: channels
        .filter(one => !isTaken(one))
        .map(([channel, one]) => ({
          channel,
          reason: one?.reason ?? 'it was not taken before the stop was due',
        })),
    },
  }
}
