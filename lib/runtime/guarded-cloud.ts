/** A connection's cloud that is not asked again with a key it has just refused: six bad signatures in a row lock the key. */
import type { Accepted } from '../core/model/accepted.ts'
import type { Act } from '../core/model/action.ts'
import type {
  Account,
  Cloud,
  Job,
  Project,
  ScalingGroups,
  Server,
  ServerFilter,
  ServerPage,
} from '../core/model/cloud.ts'
import { CloudError } from '../core/model/errors.ts'
import type { Kind } from '../core/model/model.ts'
import type { Bill } from '../core/model/prices/bill.ts'
import type { Quotation, QuotedKind } from '../core/model/prices/prices.ts'

export interface KeyGuard {
  /** Why the key is left alone; null when it may be used. */
  refused: () => string | null
  /** The cloud with the key as it is kept by now; null when that is the one that was refused. */
  renewed: () => Promise<Cloud | null>
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

const isRefusal = (error: unknown): error is CloudError =>
  error instanceof CloudError &&
  error.details.class === 'credentials' &&
  error.details.code !== 'key-left-alone'

/** A key that is refused may have been replaced since it was read: with another one the same is asked once more. */
export function guardedCloud(cloud: Cloud, guard: KeyGuard): Cloud {
  let current = cloud
  let renewing: Promise<Cloud | null> | undefined
  function enter(): void {
    const reason = guard.refused()
    if (reason !== null) throw leftAlone(reason)
  }
  async function noted(error: unknown): Promise<never> {
    if (isRefusal(error)) await guard.remember(error.message)
    throw error
  }
  /** The cloud to ask once more, after `used` refused its key; throws what was thrown where that is of no use. */
  async function renewed(error: unknown, used: Cloud): Promise<Cloud> {
    if (!isRefusal(error)) throw error
    if (current === used) {
      renewing ??= guard.renewed()
      current = (await renewing) ?? used
      renewing = undefined
    }
    if (current === used) throw error
    return current
  }
  /** A refusal by another service than that of the servers says nothing about the key: it is not remembered. */
  async function askedElsewhere<T>(call: (cloud: Cloud) => Promise<T>): Promise<T> {
    enter()
    const used = current
    return call(used).catch(async error => call(await renewed(error, used)))
  }
  async function asked<T>(call: (cloud: Cloud) => Promise<T>): Promise<T> {
    return askedElsewhere(call).catch(noted)
  }
  type Pages = AsyncGenerator<ServerPage>
  async function* begun(open: (cloud: Cloud) => Pages): Pages {
    const used = current
    let isBegun = false
    try {
      for await (const page of open(used)) {
        isBegun = true
        yield page
      }
    } catch (error) {
      if (isBegun) throw error
      yield* open(await renewed(error, used))
    }
  }
  async function* listed(open: (cloud: Cloud) => Pages): Pages {
    enter()
    try {
      yield* begun(open)
    } catch (error) {
      await noted(error)
    }
  }
  return {
    servers: (kind: Kind, after?: string): Pages => listed(one => one.servers(kind, after)),
    // What a cloud filters by does not depend on its key.
    filteredServers: (kind: Kind, filter: ServerFilter): Pages | null =>
      current.filteredServers(kind, filter) && listed(one => one.filteredServers(kind, filter)!),
    serversById: (kind: Kind, ids: string[], total: number | null): Promise<Map<string, Server>> =>
      asked(one => one.serversById(kind, ids, total)),
    request: (kind: Kind, act: Act, ids: string[]): Promise<Accepted> =>
      asked(one => one.request(kind, act, ids)),
    requestEach: (kind: Kind, act: Act, ids: string[]): Promise<Accepted> =>
      asked(one => one.requestEach(kind, act, ids)),
    job: (kind: Kind, jobId: string): Promise<Job> => asked(one => one.job(kind, jobId)),
    countInEnterpriseProject: (kind: Kind, id: string): Promise<number | null> =>
      askedElsewhere(one => one.countInEnterpriseProject(kind, id)),
    scalingGroups: (): Promise<ScalingGroups> => askedElsewhere(one => one.scalingGroups()),
    chargedFlavors: (): Promise<ReadonlySet<string>> => askedElsewhere(one => one.chargedFlavors()),
    projects: (): Promise<Project[]> => askedElsewhere(one => one.projects()),
    account: (): Promise<Account | null> => askedElsewhere(one => one.account()),
    quotePrices: (kinds: readonly QuotedKind[]): Promise<Quotation> =>
      askedElsewhere(one => one.quotePrices(kinds)),
    bill: (month: string): Promise<Bill> => askedElsewhere(one => one.bill(month)),
  }
}
