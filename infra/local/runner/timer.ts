/** The minute timer. */
import { setTimeout as sleep } from 'node:timers/promises'

const MINUTE_MS = 60_000
/** A sleeping machine stops the timers, not the clock: so often we look whether a new minute has begun. */
const LOOK_MS = 250

/** Calls `tick` at once and then when a minute of the clock begins; minutes slept through are not made up for. */
export async function startTimer(tick: () => Promise<void>, ended: AbortSignal): Promise<void> {
  const ticks = new Set<Promise<void>>()
  let ticked = -1
  while (!ended.aborted) {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    if (minute !== ticked) {
      ticked = minute
      const made = tick().finally(() => ticks.delete(made))
      ticks.add(made)
    }
    await sleep(Math.min(LOOK_MS, MINUTE_MS - (Date.now() % MINUTE_MS)), undefined, { signal: ended }).catch(
      () => {},
    )
  }
  await Promise.all(ticks)
}
