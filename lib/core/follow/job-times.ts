/** When to look at a job first: once most of the latest jobs like it were over. */
import * as z from 'zod'
import type { Chunk } from '../model/chunk.ts'
import type { Job } from '../model/cloud.ts'
import type { Run } from '../model/run.ts'

/** How long the latest jobs of a connection took, in seconds, the latest last; by kind, action and mode. */
export const JobTimes = z.record(z.string(), z.array(z.number().min(0)))
export type JobTimes = z.infer<typeof JobTimes>

/** So few that three jobs of another length change the answer, whichever of the two is longer. */
const KEPT = 4
const MOST_OF_THEM = 0.75
/** A job that took about as long as expected teaches nothing: it is not written down. */
const LIKE_SHARE = 0.05
const LIKE_SECONDS = 1
/** The look comes a little after the expected end. */
const SPARE = 1.05
const MAX_FIRST_SECONDS = 600
/** A job that goes on longer is looked at after a tenth of the expected time, then after twice as long each time. */
const LATER_SHARE = 0.1

const jobsName = ({ kind, action }: Pick<Run, 'kind' | 'action'>, { requests }: Pick<Chunk, 'requests'>) =>
  `${kind} ${action} ${requests.at(-1)?.mode ?? ''}`

/** How long a chunk's latest job is expected to take; `null` where nothing is known of such jobs. */
export function expectedSeconds(
  times: JobTimes,
  run: Pick<Run, 'kind' | 'action'>,
  chunk: Pick<Chunk, 'requests'>,
): number | null {
  return mostSeconds(times[jobsName(run, chunk)] ?? [])
}

const mostSeconds = (seconds: number[]): number | null =>
  seconds.toSorted((one, other) => one - other)[Math.ceil(seconds.length * MOST_OF_THEM) - 1] ?? null

/** The same with the jobs of a chunk that were found over just now; the same object where they teach nothing. */
export function withEndedJobs(
  times: JobTimes,
  run: Pick<Run, 'kind' | 'action'>,
  { chunk, jobs }: { chunk: Pick<Chunk, 'requests'>; jobs: ReadonlyMap<string, Job> },
): JobTimes {
  const name = jobsName(run, chunk)
  const known = times[name] ?? []
  const after = chunk.requests
    .flatMap(({ job, jobId }) =>
      job === 'running' && jobId !== null ? [jobs.get(jobId)?.seconds ?? null] : [],
    )
    .reduce<number[]>((kept, seconds) => (seconds === null ? kept : withSeconds(kept, seconds)), known)
  return after === known ? times : { ...times, [name]: after }
}

function withSeconds(kept: number[], seconds: number): number[] {
  const expected = mostSeconds(kept)
  const spare = Math.max(LIKE_SECONDS, (expected ?? 0) * LIKE_SHARE)
  const isLike = expected !== null && Math.abs(seconds - expected) <= spare
  return kept.length === KEPT && isLike ? kept : [...kept, seconds].slice(-KEPT)
}

/** How long after its request a job is looked at first. */
export const firstLookSeconds = (expected: number | null, usual: number): number =>
  expected === null ? usual : Math.min(MAX_FIRST_SECONDS, Math.max(1, Math.ceil(expected * SPARE)))

/** How long after its nth look, from 1, a job of expected length that goes on is looked at again. */
export const nextLookSeconds = (expected: number, looks: number): number =>
  Math.max(1, Math.ceil(expected * LATER_SHARE)) * 2 ** (looks - 1)
