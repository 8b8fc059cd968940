/** When what the call for many refused is asked once more, by the native call for each server alone. */
import type { Ask } from '../model/chunk.ts'
import type { RefusalCause } from '../model/errors.ts'

/** Refusals that another call must not get round: a missing right, a lock or a freeze is meant. */
const STANDING: (RefusalCause | undefined)[] = ['forbidden', 'locked', 'frozen']

/** A refused ask, parted: `again` by the native call for those on whom a fresh read shows no fault; for the others it is `final`. */
export function splitForSingleServers(
  { refusal, ...ask }: Ask,
  isFaultless: (member: number) => boolean,
): { again: Ask[]; final: Ask[] } {
  const stands = refusal!.native || STANDING.includes(refusal!.cause)
  const again = stands ? [] : ask.members.filter(isFaultless)
  const final = ask.members.filter(member => !again.includes(member))
  const native = `${refusal!.code}: ${refusal!.message}`
  return {
    again: again.length > 0 ? [{ ...ask, members: again, native }] : [],
    final: final.length > 0 ? [{ ...ask, members: final, refusal }] : [],
  }
}
