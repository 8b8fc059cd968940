/** What every contestant is told by its environment, and what it says at its end. */
export interface Asked {
  cloudUrl: string
  project: string
  accessKey: string
  secretKey: string
  kind: 'ecs' | 'bms'
  pollMs: number
  /** Known to the limit alone, which looks at each job once, when it has just ended. */
  jobMs: number
  latencyMs: number
  /** Stops a window of seconds that the cloud is known to take; null = not known. */
  pace: { stops: number; seconds: number } | null
}

export function askedOf(env: Record<string, string | undefined>): Asked {
  const [stops, seconds] = (env.PACE ?? '').split('/').map(Number)
  return {
    cloudUrl: env.CLOUD_URL ?? '',
    project: env.PROJECT ?? '',
    accessKey: env.AK ?? '',
    secretKey: env.SK ?? '',
    kind: env.KIND === 'bms' ? 'bms' : 'ecs',
    pollMs: Number(env.POLL_MS ?? 1000),
    jobMs: Number(env.JOB_MS ?? 1000),
    latencyMs: Number(env.LATENCY ?? 40),
    pace: stops && seconds ? { stops, seconds } : null,
  }
}

/** The most servers that one stop may name. */
export const CHUNK_SERVERS = 1000

export interface Said {
  listed: number
  targets: number
  stopped: number
  failed: number
  /** From the first thing done to the last. */
  workMs: number
}

export const say = (said: Said): void => console.log(JSON.stringify(said))
