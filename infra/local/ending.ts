/** Ends the process in order on Ctrl-C or SIGTERM. */

interface EndingOptions {
  /** Aborted by the first signal. */
  ended: AbortController
  /** Whatever is not closed this long after the first signal is left as it is. */
  mostMs: number
  say(text: string): void
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
/** npm passes Ctrl-C on to a process that has it from the terminal already: together they are one. */
const SAME_KEYSTROKE_MS = 1000

/**
 * From now on SIGINT, SIGTERM and SIGHUP let what is under way be closed, for `mostMs` at most; a second one ends the
 * process at once. Before this is called any of them does: what is kept survives a kill at any time.
 */
export function endBySignals({ ended, mostMs, say }: EndingOptions): void {
  let firstAtMs = 0
  const receive = (number: number) => {
    const elapsedMs = performance.now() - firstAtMs
    if (ended.signal.aborted) return elapsedMs > SAME_KEYSTROKE_MS ? process.exit(128 + number) : undefined
    firstAtMs = performance.now()
    setTimeout(() => process.exit(128 + number), mostMs).unref()
    say('\nStopping; once more to stop at once\n')
    ended.abort()
  }
  for (const [name, number] of Object.entries(SIGNALS)) process.on(name, () => receive(number))
}
