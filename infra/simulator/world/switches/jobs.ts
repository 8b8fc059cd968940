/** How jobs go, and what is shown of them. */
import type { Which } from './which.ts'

export interface JobSwitches {
  /** A sub-job takes `first` and up to `spread` seconds, the same for the same server; its job ends `close` seconds (default a quarter of `first`) after the last. */
  jobSeconds: { first: number; spread: number; close?: number }
  /** ECS whose soft stop never ends off. */
  softHangs: Which
  /** After this long such a soft stop fails and the server is up again; null: it is powering off for ever. */
  softHangSeconds: number | null
  /** What a job has done to a server shows only this long after the job has ended. */
  showsAfterJobSeconds: number
  /** Sub-jobs that fail, with their code, by server id; these servers stay as they were. */
  partialFail: Record<string, string>
  /** A job with some failed sub-jobs fails as a whole; where false, only one whose sub-jobs all failed does. */
  parentFailsOnPartial: boolean
  /** Servers whose sub-jobs are never shown; it is carried out all the same. */
  subJobMissing: Which
  /** Jobs are not found, with this status (400 comes with Common.0011); they are carried out all the same. */
  jobsLost: '400' | '404' | null
  /** Jobs stay RUNNING for ever; they are carried out all the same. */
  jobStuck: boolean
}

export const defaultJobs = (): JobSwitches => ({
  jobSeconds: { first: 31, spread: 4 },
  softHangs: [],
  softHangSeconds: null,
  showsAfterJobSeconds: 0,
  partialFail: {},
  parentFailsOnPartial: true,
  subJobMissing: [],
  jobsLost: null,
  jobStuck: false,
})
