import type { JobView, SubJobView } from '../world/jobs.ts'

type Json = Record<string, unknown>

const instant = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString())

/** Codes are absent while it runs, null after success. */
function ended(status: JobView['status'], failure: { error_code: string; fail_reason: string }): Json {
  if (status === 'SUCCESS') return { error_code: null, fail_reason: null }
  return status === 'FAIL' ? failure : {}
}

function subJobItem({ id, serverId, status, begunAt, endedAt, code }: SubJobView, jobType: string): Json {
  const reason = `The server could not be stopped (${code}).`
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
  const [own, sub] =
    job.kind === 'ecs'
      ? ['serversAction', 'serverActions']
      : ['baremetalBatchOperate', 'baremetalSingleOperate']
  return {
    status: job.status,
    entities: { sub_jobs_total: job.total, sub_jobs: job.subJobs.map(subJob => subJobItem(subJob, sub)) },
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
