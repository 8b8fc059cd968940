/** Jobs, as ECS and BMS answer them. */
import { ACTIONS_IN_CLOUD } from '../world/actions.ts'
import type { JobView, SubJobView } from '../world/jobs.ts'

type Json = Record<string, unknown>

/** Those of a job and of its parts; the same for every action. */
const JOB_TYPES = {
  ecs: { own: 'serversAction', jobType: 'serverActions' },
  bms: { own: 'baremetalBatchOperate', jobType: 'baremetalSingleOperate' },
}

const instant = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString())

/** Codes are absent while it runs, null after success. */
function ended(status: JobView['status'], failure: { error_code: string; fail_reason: string }): Json {
  if (status === 'SUCCESS') return { error_code: null, fail_reason: null }
  return status === 'FAIL' ? failure : {}
}

function subJobItem(
  { id, serverId, status, begunAt, endedAt, code, words }: SubJobView,
  { jobType, participle }: { jobType: string; participle: string },
): Json {
  const reason = words ?? `The server could not be ${participle} (${code}).`
  return {
    status,
    entities: { server_id: serverId, ...(code === null ? {} : { errorcode_message: reason }) },
    job_id: id,
    job_type: jobType,
    begin_time: instant(begunAt),
    end_time: instant(endedAt),
    ...ended(status, { error_code: code ?? '', fail_reason: reason }),
  }
}

/** A job in Huawei's words ("querying task execution status"); a failed one carries only the wrapper's code. */
export function jobItem(job: JobView): Json {
  const { participle } = ACTIONS_IN_CLOUD[job.action]
  const { own, jobType } = JOB_TYPES[job.kind]
  return {
    status: job.status,
    entities: {
      sub_jobs_total: job.total,
      sub_jobs: job.subJobs.map(subJob => subJobItem(subJob, { jobType, participle })),
    },
    job_id: job.id,
    job_type: own,
    begin_time: instant(job.begunAt),
    end_time: instant(job.endedAt),
    ...ended(job.status, {
      error_code: 'Common.0021',
      fail_reason: 'ServerBatchActionTask-fail: sub job fail',
    }),
  }
}
