import type { Switches } from '../../infra/simulator/world/switches/switches.ts'

/** What the pretended cloud of the bench does; each may be given to its process and changed by a reset. */
export interface Settings {
  /** Servers of each kind. */
  servers: number
  /** The share of them that is up at first; the others are off. */
  activeShare: number
  /** The values that their tag `Schedule` has, each on as many servers. */
  nights: number
  /** What every request takes. */
  latencyMs: number
  /** What a list takes more, for each server on the page. */
  perServerUs: number
  /** From a stop until its job has ended. */
  jobMs: number
  /** The k-th job takes `jobMs * (1 + jobSpread * hash(k))`. */
  jobSpread: number
  /** `list=500/60,stop=50/60`: requests in a fixed window of seconds, 429 beyond; `documented`: what the API reference says. */
  limit: string
  /** Of so many sub-jobs about one fails; 0 = none. */
  failEvery: number
  /** The share of requests answered 503, nothing done. */
  faultShare: number
  /** The share of requests that are carried out, and the connection cut before an answer: a stop's job id is gone with it. */
  loseShare: number
  /** What `count` means in the BMS list. */
  bmsCount: Switches['bmsCount']
  /** The most servers on a page, whatever is asked for. */
  maxPage: number
}

export const ordinary = (): Settings => ({
  servers: 1000,
  activeShare: 0.9,
  nights: 100,
  latencyMs: 40,
  perServerUs: 0,
  jobMs: 1000,
  jobSpread: 0,
  limit: '',
  failEvery: 0,
  faultShare: 0,
  loseShare: 0,
  bmsCount: 'faithful',
  maxPage: 1000,
})

/** Requests a minute as the BMS API reference states them; the ECS one gives no figures. */
const DOCUMENTED = 'list=500/60,stop=50/60,job=2000/60,server=1000/60'

export interface Window {
  count: number
  ms: number
}

/** Throws a plain error for a limit of another form than ROUTE=COUNT/SECONDS. */
export function limits(text: string): Map<string, Window> {
  const parts = (text === 'documented' ? DOCUMENTED : text).split(',').filter(Boolean)
  return new Map(
    parts.map(part => {
      const [, route, count, seconds] = /^(\w+)=([\d.]+)\/([\d.]+)$/.exec(part) ?? []
      if (!route) throw new Error(`limit: expected ROUTE=COUNT/SECONDS, got "${part}"`)
      return [route, { count: Number(count), ms: Number(seconds) * 1000 }]
    }),
  )
}

/** Settings with some of them replaced by texts, as they come from flags and addresses. Other names are ignored. */
export function withTexts(settings: Settings, texts: Record<string, unknown>): Settings {
  const read = ([name, value]: [string, unknown]): [string, unknown] => {
    const text = texts[name]
    if (typeof text !== 'string') return [name, value]
    return [name, typeof value === 'number' ? Number(text) : text]
  }
  return Object.fromEntries(Object.entries(settings).map(read)) as unknown as Settings
}
