import * as z from 'zod'
import { type Accepted, ALL_TAKEN } from '../../core/model/accepted.ts'
import type { Cloud, Job } from '../../core/model/cloud.ts'
import type { Kind } from '../../core/model/model.ts'
import type { CloudOptions } from '../http/options.ts'
import { type Credential, createAsk } from '../http/request.ts'
import { type Stop, stopEach } from '../native-stop.ts'
import { parseSecret } from '../secret.ts'
import { isUnknownThing, serversById } from './by-id.ts'
import { HUAWEI_CODES } from './codes.ts'
import { jobPlace, nativePlace, serversPlace } from './endpoints.ts'
import { goneJob, WireJob } from './jobs.ts'
import { serverPages } from './listing.ts'
import type { Huawei } from './page.ts'
import { listScalingGroups } from './scaling-groups.ts'
import { ACCESS_KEY } from './secret.ts'
import { signRequest } from './sign.ts'

/** Huawei Cloud's own APIs, `ecs` and `bms`, by access key. */
export function createHuaweiCloud({ connection, secret, ...options }: CloudOptions): Cloud {
  const key = parseSecret(connection, ACCESS_KEY, secret)
  const credential: Credential = {
    authorize: unsigned => signRequest(unsigned, key, options.now()),
    secrets: [key.accessKey, key.secretKey, key.securityToken].filter(text => text !== undefined),
  }
  const ask = createAsk({
    ...options,
    connectionId: connection.id,
    codes: HUAWEI_CODES,
    headers: { 'content-type': 'application/json', 'x-project-id': connection.projectId },
    credential: () => credential,
  })
  const huawei: Huawei = { connection, ask }
  return {
    servers: (kind, after) => serverPages(huawei, kind, after),
    serversById: (kind, ids, total) => serversById(huawei, { kind, ids, total }),
    stop: (kind, mode, ids) => stopBatch(huawei, { kind, mode, ids }),
    stopEach: (kind, mode, ids) =>
      stopEach({ ask, place: id => nativePlace(connection, id), now: options.now }, { kind, mode, ids }),
    job: (kind, jobId) => readJob(huawei, { kind, jobId }),
    scalingGroups: () => listScalingGroups(huawei),
  }
}

/** A 2xx alone is no acceptance: 202 is also how a refusal for too much traffic is answered. */
const AcceptedStop = z.object({ job_id: z.string().min(1) })

/** ECS API reference, "Stopping ECSs in a Batch"; BMS, "Stopping BMSs", where a soft stop has no effect. */
async function stopBatch(huawei: Huawei, { kind, mode, ids }: Stop): Promise<Accepted> {
  const type = kind === 'bms' || mode === 'hard' ? 'HARD' : 'SOFT'
  const { value, requestId } = await huawei.ask({
    what: `${type} stop of ${ids.length} ${kind.toUpperCase()} servers`,
    method: 'POST',
    ...serversPlace(huawei.connection, kind, 'action'),
    body: JSON.stringify({ 'os-stop': { type, servers: ids.map(id => ({ id })) } }),
    answer: AcceptedStop,
    changes: ids,
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
