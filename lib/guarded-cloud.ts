/** A connection's cloud that is not asked again with a key it has just refused: six bad signatures in a row lock the key. */
import { CloudError } from './core/errors.ts'
import type { Accepted, Cloud, Job, Kind, Mode, Server, ServerPage } from './core/model.ts'

export interface KeyGuard {
  /** Why the key is left alone; null when it may be used. */
  refused: () => string | null
  remember: (reason: string) => Promise<void>
}

const leftAlone = (reason: string): CloudError =>
  new CloudError(reason, {
    class: 'credentials',
    code: 'key-left-alone',
    status: 0,
    requestId: null,
    retryAfterSeconds: null,
    serverIds: [],
  })

export function guardedCloud(cloud: Cloud, guard: KeyGuard): Cloud {
  function enter(): void {
    const reason = guard.refused()
    if (reason !== null) throw leftAlone(reason)
  }
  async function noted(error: unknown): Promise<never> {
    if (
      error instanceof CloudError &&
      error.details.class === 'credentials' &&
      error.details.code !== 'key-left-alone'
    )
      await guard.remember(error.message)
    throw error
  }
  async function asked<T>(call: () => Promise<T>): Promise<T> {
    enter()
    return call().catch(noted)
  }
  return {
    async *servers(kind: Kind, after?: string): AsyncGenerator<ServerPage> {
      enter()
      try {
        yield* cloud.servers(kind, after)
      } catch (error) {
        await noted(error)
      }
    },
    serversById: (kind: Kind, ids: string[], total: number | null): Promise<Map<string, Server>> =>
      asked(() => cloud.serversById(kind, ids, total)),
    stop: (kind: Kind, mode: Mode, ids: string[]): Promise<Accepted> =>
      asked(() => cloud.stop(kind, mode, ids)),
    job: (kind: Kind, jobId: string): Promise<Job> => asked(() => cloud.job(kind, jobId)),
  }
}
