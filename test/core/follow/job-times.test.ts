import { describe, expect, test } from 'vitest'
import { firstDelaySeconds, followUp } from '../../../lib/core/follow/follow.ts'
import {
  expectedSeconds,
  firstLookSeconds,
  type JobTimes,
  withEndedJobs,
} from '../../../lib/core/follow/job-times.ts'
import type { Job } from '../../../lib/core/model/cloud.ts'
import { aRequest, aRules, aRun, aWhole, START } from '../../makers.ts'

const run = aRun({ kind: 'ecs', action: 'stop' })
const chunk = { requests: [aRequest({ jobId: 'j', job: 'running', mode: 'soft' })] }
const ended = (seconds?: number): Map<string, Job> =>
  new Map([
    [
      'j',
      {
        status: 'succeeded',
        code: null,
        reason: null,
        subJobs: [],
        ...(seconds === undefined ? {} : { seconds }),
      },
    ],
  ])
const afterJobs = (...lengths: (number | undefined)[]): JobTimes =>
  lengths.reduce<JobTimes>((times, seconds) => withEndedJobs(times, run, { chunk, jobs: ended(seconds) }), {})
const expected = (...lengths: number[]) => expectedSeconds(afterJobs(...lengths), run, chunk)

describe('how long a job is expected to take', () => {
  test('is not known before one has ended', () => {
    expect(expected()).toBeNull()
    expect(firstLookSeconds(null, 15)).toBe(15)
  })
  test('is what most of the latest four took', () => {
    expect(expected(30)).toBe(30)
    expect(expected(30, 40)).toBe(40)
    expect(expected(30, 40, 31, 32)).toBe(32)
  })
  test.each([
    ['longer', [30, 30, 30, 30], [90, 90, 90], 90],
    ['shorter', [90, 90, 90, 90], [30, 30, 30], 30],
  ])('is learnt anew within three jobs that take %s', (_, before, after, now) => {
    expect(expected(...before, ...after)).toBe(now)
  })
  test('is not written again for a job that took about as long', () => {
    const known = afterJobs(30, 30, 30, 30)
    expect(withEndedJobs(known, run, { chunk, jobs: ended(31) })).toBe(known)
    expect(withEndedJobs(known, run, { chunk, jobs: ended(40) })).not.toBe(known)
  })
  test('is learnt neither from a job whose length the cloud does not tell, nor from one seen over before', () => {
    expect(afterJobs(undefined)).toEqual({})
    const before = { requests: [aRequest({ jobId: 'j', job: 'ended', mode: 'soft' })] }
    expect(withEndedJobs({}, run, { chunk: before, jobs: ended(30) })).toEqual({})
  })
  test('is kept apart by kind, action and mode', () => {
    const known = afterJobs(30)
    const hard = { requests: [aRequest({ jobId: 'k', job: 'running', mode: 'hard' })] }
    expect(expectedSeconds(known, run, hard)).toBeNull()
    expect(expectedSeconds(known, { ...run, kind: 'bms' }, chunk)).toBeNull()
    expect(expectedSeconds(known, { ...run, action: 'start' }, chunk)).toBeNull()
  })
})

describe('the first look', () => {
  const times = { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 }
  const first = (seconds: number | null, escalateAfterMinutes: number | null = null) =>
    firstDelaySeconds(aWhole({ status: 'following', todo: [], ...chunk }), {
      run,
      times,
      expected: seconds,
      now: START,
      rules: aRules({ escalateAfterMinutes }),
    })
  test('comes a little after the expected end, ten minutes later at most', () => {
    expect(first(null)).toBe(15)
    expect(first(100)).toBe(105)
    expect(first(0.2)).toBe(1)
    expect(first(5000)).toBe(600)
  })
  test('comes no later than the hard stop that is to follow', () => {
    expect(first(300, 1)).toBe(60)
  })
})

describe('a job that goes on longer than expected', () => {
  const times = { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 }
  const delayAfter = (looks: number, status: Job['status'] = 'running'): number => {
    const whole = aWhole({ status: 'following', todo: [], looks, ...chunk })
    const jobs = new Map(ended()).set('j', { ...ended().get('j')!, status })
    const looked = {
      jobs,
      servers: null,
      closed: null,
      run,
      rules: aRules(),
      times,
      expected: 40,
      now: START,
    }
    const { next } = followUp(whole, looked)
    return next.kind === 'again' ? next.delaySeconds : 0
  }
  test('is looked at after a tenth of that, then after twice as long each time, up to the usual maximum', () => {
    expect([1, 2, 3, 4, 5].map(looks => delayAfter(looks))).toEqual([4, 8, 16, 32, 60])
  })
})
