/** Counts requests within a minute. */

const WINDOW_MS = 60_000

/** Counts what happened in the last 60 s, by name. */
export function createWindows() {
  const windows = new Map<string, { at: number; amount: number }[]>()

  function recent(name: string, now: number): { at: number; amount: number }[] {
    const all = windows.get(name) ?? []
    const kept = all.filter(({ at }) => at > now - WINDOW_MS)
    windows.set(name, kept)
    return kept
  }

  return {
    /** Whether this much more fits under `limit`; if so, it is counted. */
    takes(name: string, amount: number, { limit, now }: { limit: number; now: number }): boolean {
      const entries = recent(name, now)
      const sum = entries.reduce((total, entry) => total + entry.amount, 0)
      if (sum + amount > limit) return false
      entries.push({ at: now, amount })
      return true
    },
  }
}
export type Windows = ReturnType<typeof createWindows>
