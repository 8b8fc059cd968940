/** The adapter of Huawei Cloud: its calls, put together as a `Cloud`. */
import * as z from 'zod'
import { type Accepted, ALL_TAKEN } from '../../core/model/accepted.ts'
import type { Cloud, Job, ServerFilter, ServerPage } from '../../core/model/cloud.ts'
import type { Kind } from '../../core/model/model.ts'
import { callOf } from '../calls.ts'
import type { CloudOptions } from '../http/options.ts'
import { createAsk } from '../http/request.ts'
import { type PowerRequest, requestEach } from '../request-each.ts'
import { listChargedFlavors } from './billing/charged-flavors.ts'
import { isUnknownThing, namedPages, serversById } from './by-id.ts'
import { HUAWEI_CODES } from './codes.ts'
import { filtersById, jobPlace, nativePlace, serversPlace } from './endpoints.ts'
import { goneJob, WireJob } from './jobs.ts'
import { listProjects, readAccount } from './keys/identity.ts'
import { createKeys } from './keys/keys.ts'
import { isPlainTag, serverPages, taggedPages } from './listing.ts'
import { countInEnterpriseProject, type Huawei } from './page.ts'
import { readBill } from './prices/bill.ts'
import { quotePrices } from './prices/quote.ts'
import { listScalingGroups } from './scaling-groups.ts'

/** Huawei Cloud's own APIs, `ecs` and `bms`, by access key. Throws `CloudError` (credentials) where the secret does not fit. */
export function createHuaweiCloud(options: CloudOptions): Cloud {
  const { connection } = options
  const credential = createKeys(options)
  const asking = (headers: Record<string, string>) =>
    createAsk({
      ...options,
      connectionId: connection.id,
      codes: HUAWEI_CODES,
      headers: { 'content-type': 'application/json', ...headers },
      credential,
    })
  const ask = asking({ 'x-project-id': connection.projectId })
  const huawei: Huawei = { connection, ask, scope: { of: 'unknown' } }
  const ofAccount = { connection, ask: asking({}) }
  return {
    servers: (kind, after) => serverPages(huawei, kind, after),
    filteredServers: (kind, filter) => filteredPages(huawei, kind, filter),
    serversById: (kind, ids, total) => serversById(huawei, { kind, ids, total }),
    request: (kind, act, ids) => requestBatch(huawei, { kind, act, ids }),
    requestEach: (kind, act, ids) =>
      requestEach(
        {
          ask,
          place: id => nativePlace(connection, id),
          permission: callOf(act).permissions.forOne,
          now: options.now,
        },
        { kind, act, ids },
      ),
    job: (kind, jobId) => readJob(huawei, { kind, jobId }),
    countInEnterpriseProject: (kind, id) => countInEnterpriseProject(huawei, kind, id),
    scalingGroups: () => listScalingGroups(huawei),
    chargedFlavors: () => listChargedFlavors(huawei),
    projects: () => listProjects(ofAccount),
    account: () => readAccount(ofAccount),
    quotePrices: kinds => quotePrices(ofAccount, kinds),
    bill: month => readBill(ofAccount, month),
  }
}

/** The BMS list has no filter by ids, and its fleets fit a page or two. */
function filteredPages(huawei: Huawei, kind: Kind, filter: ServerFilter): AsyncGenerator<ServerPage> | null {
  if (kind !== 'ecs') return null
  if ('ids' in filter) return filtersById(huawei.connection) ? namedPages(huawei, filter.ids) : null
  return isPlainTag(filter) ? taggedPages(huawei, filter) : null
}

/** A 2xx alone is no acceptance: 202 is also how a refusal for too much traffic is answered. */
const AcceptedBatch = z.object({ job_id: z.string().min(1) })

async function requestBatch(huawei: Huawei, { kind, act, ids }: PowerRequest): Promise<Accepted> {
  const call = callOf(act)
  const { value, requestId } = await huawei.ask({
    what: `${call.words(act, kind)} of ${ids.length} ${kind.toUpperCase()} servers`,
    method: 'POST',
    ...serversPlace(huawei.connection, kind, 'action'),
    body: JSON.stringify({ [call.name]: { ...call.forMany(act, kind), servers: ids.map(id => ({ id })) } }),
    answer: AcceptedBatch,
    changes: ids,
    permission: call.permissions.forMany[kind],
  })
  return { jobId: value.job_id, requestId, ...ALL_TAKEN }
}

/** ECS API reference, "Querying Task Execution Status"; BMS, "Querying Job Status". A job is known to its own host only. */
async function readJob(
  { connection, ask }: Huawei,
  { kind, jobId }: { kind: Kind; jobId: string },
): Promise<Job> {
  const what = `${kind.toUpperCase()} job ${jobId}`
  try {
    const { value } = await ask({
      what,
      method: 'GET',
      ...jobPlace(connection, kind, jobId),
      answer: WireJob,
    })
    return value
  } catch (error) {
    if (isUnknownThing(error, 'Common.0011')) return goneJob(error.details)
    throw error
  }
}
