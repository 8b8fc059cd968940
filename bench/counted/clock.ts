/** A clock that stands still until it is set: `Date` in this process gives its time. */
export interface Clock {
  set(ms: number): void
  /** Gives the true clock back. */
  end(): void
}

export function stillClock(startMs: number): Clock {
  const True = globalThis.Date
  let nowMs = startMs
  globalThis.Date = new Proxy(True, {
    construct: (target, parts: []) => (parts.length === 0 ? new target(nowMs) : new target(...parts)),
    apply: () => new True(nowMs).toString(),
    get: (target, name) => (name === 'now' ? () => nowMs : Reflect.get(target, name)),
  })
  return {
    set: ms => {
      nowMs = ms
    },
    end: () => {
      globalThis.Date = True
    },
  }
}
