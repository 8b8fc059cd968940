/** Answers that a slow cloud would make come too late for the gateway, which gives up at 30 s. */
import type { HttpServices } from '../runtime/services/services.ts'

/** What the work gives, `null` after so many ms: then its result is dropped. */
export async function waitAtMost<T>(ms: number, work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(resolve, ms, null)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

const MOST_MS = 25_000
/** A request that gets no answer, another try of it, and room for those that get one. */
const REQUESTS = 2.5

interface Late {
  ok: false
  reason: string
}

/** What the work finds out about a cloud; `ok: false` where that takes longer than an answer may. */
export async function foundInTime<T extends object>(
  { config: { cloudTimeoutMs } }: HttpServices,
  work: Promise<T>,
): Promise<T | Late> {
  const ms = Math.min(MOST_MS, REQUESTS * cloudTimeoutMs)
  const found = await waitAtMost(ms, work)
  if (found !== null) return found
  const reason = `the cloud did not answer everything within ${ms / 1000} s: check whether its hosts (region, endpoints) can be reached from here, and ask again`
  return { ok: false, reason }
}
