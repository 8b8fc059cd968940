/** The machine that is measured on: who else is busy on it, and which processor belongs to whom. */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const TICK_MS = 10
const LOOK_MS = 700
const QUIET_SHARE = 0.08

export interface Busy {
  busyMs: number
  totalMs: number
}

/** CPU time of all processors since the start of the machine (Linux; elsewhere nothing is known of others). */
export function busy(): Busy {
  if (!existsSync('/proc/stat')) return { busyMs: 0, totalMs: 1 }
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  const ticks = first.trim().split(/\s+/).slice(1, 9).map(Number)
  const total = ticks.reduce((sum, one) => sum + one, 0)
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0)
  return { busyMs: (total - idle) * TICK_MS, totalMs: total * TICK_MS }
}

export const busySince = (before: Busy): Busy => {
  const { busyMs, totalMs } = busy()
  return { busyMs: busyMs - before.busyMs, totalMs: Math.max(1, totalMs - before.totalMs) }
}

/** Waits until the machine has nothing else to do, at most so long. */
export async function quiet(mostSeconds: number): Promise<void> {
  const end = Date.now() + mostSeconds * 1000
  while (Date.now() < end) {
    const before = busy()
    await sleep(LOOK_MS)
    const { busyMs, totalMs } = busySince(before)
    if (busyMs / totalMs < QUIET_SHARE) return
  }
}

const TASKSET = '/usr/bin/taskset'
/** Before a command: who is measured has one processor, whoever serves them the other. Nothing where processors cannot be given. */
export const MEASURED = existsSync(TASKSET) ? [TASKSET, '-c', '1'] : []
export const SERVING = existsSync(TASKSET) ? [TASKSET, '-c', '0'] : []
