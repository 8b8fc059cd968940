/** Jobs and their sub-jobs, as ECS and BMS answer them, in the words of the model. */
import * as z from 'zod'
import type { Job, SubJob } from '../../core/model/cloud.ts'
import { isObject, textOf, type WireFields } from '../fields.ts'
import { shortenMessage } from '../http/error-body.ts'
import { subJobCause } from './codes.ts'

const STATUSES: Record<string, Exclude<Job['status'], 'gone'>> = {
  INIT: 'running',
  RUNNING: 'running',
  PENDING_PAYMENT: 'running',
  SUCCESS: 'succeeded',
  FAIL: 'failed',
}

/** A job with its sub-jobs, one a server. ECS API reference, "Querying Task Execution Status"; BMS, "Querying Job Status". */
export const WireJob = z.looseObject({ status: z.string().min(1) }).transform(
  (wire): Job => ({
    ...jobEnding(wire),
    ...secondsOf(wire),
    subJobs: entitiesOf(wire).flatMap(subJobsOf),
  }),
)

/** A job that the cloud has forgotten: its servers will tell. */
export const goneJob = ({ code, status }: { code: string; status: number }): Job => ({
  status: 'gone',
  code,
  reason: `the cloud no longer knows the job (${status} ${code})`,
  subJobs: [],
})

/** What a job or a sub-job works on: an object, at some of BMS an array of them, its values texts or arrays of texts. */
const entitiesOf = ({ entities }: WireFields): WireFields[] => [entities].flat().filter(isObject)

/** By the cloud's own clock alone. */
function secondsOf({ begin_time: begun, end_time: ended }: WireFields): Pick<Job, 'seconds'> {
  const ms = Date.parse(textOf(ended)) - Date.parse(textOf(begun))
  return ms >= 0 ? { seconds: ms / 1000 } : {}
}

/** Each tells for itself: one that succeeded did so whatever became of its parent. */
const subJobsOf = ({ sub_jobs: subJobs }: WireFields): SubJob[] =>
  [subJobs]
    .flat()
    .filter(isObject)
    .flatMap(subJob => {
      const endedAt = textOf(subJob.end_time)
      const ending = jobEnding(subJob)
      const cause = subJobCause(ending.code, failureWords(subJob).join(' '))
      const ended = { ...ending, cause, ...(endedAt === '' ? {} : { endedAt }) }
      return textsOf(subJob, 'server_id').map(serverId => ({ serverId, ...ended }))
    })

/** A status that is not known here counts as running: the server itself will tell. */
function jobEnding(wire: WireFields): Pick<SubJob, 'status' | 'code' | 'reason'> {
  const status = STATUSES[textOf(wire.status)] ?? 'running'
  if (status !== 'failed') return { status, code: null, reason: null }
  return {
    status,
    code: textOf(wire.error_code) || textOf(wire.code) || null,
    // As short as any other words of the cloud's: those of a thousand servers must find room in one item.
    reason: shortenMessage(failureWords(wire)[0] ?? '') || null,
  }
}

/** The most precise first. */
const failureWords = (wire: WireFields): string[] =>
  [...textsOf(wire, 'errorcode_message'), textOf(wire.fail_reason), textOf(wire.message)].filter(
    text => text !== '',
  )

const textsOf = (wire: WireFields, name: string): string[] =>
  entitiesOf(wire)
    .flatMap(entity => entity[name])
    .map(textOf)
    .filter(text => text !== '')
