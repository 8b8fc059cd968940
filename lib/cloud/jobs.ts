import * as z from 'zod'
import type { Job, SubJob } from '../core/model.ts'

const Text = z.string().nullish().catch(null)
/** What a job or a sub-job works on: an object, at some of BMS an array of them, its values texts or arrays of texts. */
const Entities = z
  .unknown()
  .optional()
  .transform((value): Record<string, unknown>[] => [value].flat().filter(isObject))
const Told = { error_code: Text, fail_reason: Text, code: Text, message: Text, entities: Entities }

const WireSubJob = z.object({ status: Text, ...Told })
type WireSubJob = z.infer<typeof WireSubJob>

const STATUSES: Record<string, Exclude<Job['status'], 'gone'>> = {
  INIT: 'running',
  RUNNING: 'running',
  PENDING_PAYMENT: 'running',
  SUCCESS: 'succeeded',
  FAIL: 'failed',
}

/** A job with its sub-jobs, one a server. ECS API reference, "Querying Task Execution Status"; BMS, "Querying Job Status". */
export const WireJob = z.object({ ...Told, status: z.enum(Object.keys(STATUSES)) }).transform(
  (wire): Job => ({
    ...ending(wire),
    subJobs: wire.entities.flatMap(subJobsOf),
  }),
)

/** A job that the cloud has forgotten: its servers will tell. */
export const goneJob = ({ code, status }: { code: string; status: number }): Job => ({
  status: 'gone',
  code,
  reason: `the cloud no longer knows the job (${status} ${code})`,
  subJobs: [],
})

/** Each tells for itself: one that succeeded did so whatever became of its parent. */
const subJobsOf = ({ sub_jobs: subJobs }: Record<string, unknown>): SubJob[] =>
  [subJobs ?? []].flat().flatMap(subJob => {
    const parsed = WireSubJob.safeParse(subJob)
    return parsed.success
      ? textsOf(parsed.data, 'server_id').map(serverId => ({ serverId, ...ending(parsed.data) }))
      : []
  })

/** A status that is not known here counts as running: the server itself will tell. */
function ending(wire: WireSubJob): Pick<SubJob, 'status' | 'code' | 'reason'> {
  const status = STATUSES[wire.status ?? ''] ?? 'running'
  if (status !== 'failed') return { status, code: null, reason: null }
  const [cause] = textsOf(wire, 'errorcode_message')
  return {
    status,
    code: wire.error_code || wire.code || null,
    reason: cause ?? (wire.fail_reason || wire.message || null),
  }
}

const textsOf = ({ entities }: WireSubJob, name: string): string[] =>
  entities
    .flatMap(entity => [entity[name]].flat())
    .filter(text => typeof text === 'string' && text !== '') as string[]

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
