/** What stands between a request and its answer: limits, faults and lost answers, the same sequence in every run. */
import { faultAnswer } from '../../infra/simulator/faults.ts'
import { chance } from './record.ts'
import type { RouteName } from './routes.ts'
import { limits, type Settings, type Window } from './settings.ts'

export type Fate = 'answered' | 'throttled' | 'faulted' | 'lost'

export function createWeather({ limit, faultShare, loseShare }: Settings) {
  const windows = new Map<string, { startMs: number; used: number }>()
  const allowed = limits(limit)
  let number = 0

  function isOver(key: string, { count, ms }: Window, nowMs: number): boolean {
    const known = windows.get(key)
    const window = known && nowMs - known.startMs < ms ? known : { startMs: nowMs, used: 0 }
    windows.set(key, window)
    return ++window.used > count
  }

  return function fate(route: RouteName): Fate {
    const nowMs = Date.now()
    for (const key of [route, 'all']) {
      const window = allowed.get(key)
      if (window && isOver(key, window, nowMs)) return 'throttled'
    }
    const dice = chance(++number ^ 0x1234)
    if (dice < faultShare) return 'faulted'
    return dice < faultShare + loseShare ? 'lost' : 'answered'
  }
}

/** What is said in place of an answer. */
export const THROTTLED = faultAnswer({ kind: 'throttle429' })
export const FAULTED = faultAnswer({ kind: 'busy503' })
