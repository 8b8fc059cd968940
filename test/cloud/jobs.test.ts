import { describe, expect, it } from 'vitest'
import { WireJob } from '../../lib/cloud/huawei/jobs.ts'

const subJob = (serverId: unknown, overrides: Record<string, unknown> = {}) => ({
  status: 'SUCCESS',
  job_id: 'ff8080829585af7f0195c1ea67d24849',
  job_type: 'serverActions',
  begin_time: '2025-03-24T07:28:46.894Z',
  end_time: '2025-03-24T07:29:19.585Z',
  error_code: null,
  fail_reason: null,
  entities: { server_id: serverId },
  ...overrides,
})
const job = (status: string, subJobs: unknown[], overrides: Record<string, unknown> = {}) =>
  WireJob.parse({
    status,
    job_id: 'ff8080829585af7f0195c1ea67d24848',
    job_type: 'serversAction',
    begin_time: '2025-03-24T07:28:46.807Z',
    end_time: '2025-03-24T07:29:27.897Z',
    error_code: null,
    fail_reason: null,
    entities: { sub_jobs_total: subJobs.length, sub_jobs: subJobs },
    ...overrides,
  })
const succeeded = (serverId: string) => ({
  serverId,
  status: 'succeeded',
  code: null,
  cause: null,
  reason: null,
  endedAt: '2025-03-24T07:29:19.585Z',
})

describe('a job', () => {
  it.each([
    ['INIT', 'running'],
    ['RUNNING', 'running'],
    ['PENDING_PAYMENT', 'running'],
    ['SUCCESS', 'succeeded'],
    ['FAIL', 'failed'],
  ])('that the cloud calls %s is %s', (wire, status) => {
    expect(job(wire, []).status).toBe(status)
  })

  it('of another status still runs, and says what it knows of its servers', () => {
    expect(job('PAUSED', [subJob('a')])).toMatchObject({ status: 'running', subJobs: [succeeded('a')] })
  })

  it.each([[{}], [{ status: '' }], [{ status: 500 }]])('without a status (%j) is none', wire => {
    expect(WireJob.safeParse(wire).success).toBe(false)
  })

  it('that runs has neither end nor error, and may have its sub-jobs', () => {
    const running = { end_time: '', error_code: undefined, fail_reason: undefined }
    const parts = [subJob('a', { status: 'RUNNING', ...running })]
    expect(job('RUNNING', parts, running)).toEqual({
      status: 'running',
      code: null,
      reason: null,
      subJobs: [{ serverId: 'a', status: 'running', code: null, cause: null, reason: null }],
    })
  })

  it('that failed leaves what succeeded as it is', () => {
    const failed = { status: 'FAIL', error_code: 'Ecs.0605', fail_reason: 'the server is locked' }
    expect(
      job('FAIL', [subJob('a'), subJob('b', failed)], {
        error_code: 'Common.0021',
        fail_reason: 'CollectInfoTask-fail',
      }),
    ).toEqual({
      status: 'failed',
      code: 'Common.0021',
      reason: 'CollectInfoTask-fail',
      seconds: 41.09,
      subJobs: [
        succeeded('a'),
        {
          ...succeeded('b'),
          status: 'failed',
          code: 'Ecs.0605',
          cause: 'locked',
          reason: 'the server is locked',
        },
      ],
    })
  })

  it.each([[{ end_time: '' }], [{ begin_time: null }], [{ end_time: '2025-03-24T07:28:00Z' }]])(
    'tells no length where its times (%j) tell none',
    times => {
      expect(job('SUCCESS', [], times).seconds).toBeUndefined()
    },
  )

  it('that succeeded does not hide what failed', () => {
    expect(job('SUCCESS', [subJob('a', { status: 'FAIL' })]).subJobs[0]?.status).toBe('failed')
  })

  it('gives a reason of any length in one line of 500 characters', () => {
    const trace = `no valid host\n  at ${'x'.repeat(10_000)}`
    const [failed] = job('FAIL', [subJob('a', { status: 'FAIL', fail_reason: trace })]).subJobs
    expect(failed!.reason).toMatch(/^no valid host at x{480,}…$/)
    expect(failed!.reason).toHaveLength(501)
  })

  it('gives the cause of a sub-job before its general reason', () => {
    const entities = { server_id: 'a', errorcode_message: 'no valid host' }
    const failed = subJob('a', { status: 'FAIL', error_code: 'Ecs.0219', fail_reason: 'task-fail', entities })
    expect(job('FAIL', [failed]).subJobs[0]).toMatchObject({ code: 'Ecs.0219', reason: 'no valid host' })
  })

  it.each([
    ['Ecs.0319', { server_id: 'a' }, 'any', 'no-capacity'],
    [
      'Ecs.0226',
      { server_id: 'a', errorcode_message: '{"badRequest":{"message":"资源不足"}}' },
      '',
      'no-capacity',
    ],
    [
      'Ecs.0226',
      { server_id: 'a', errorcode_message: 'start failed' },
      'capacity is not enough',
      'no-capacity',
    ],
    ['Ecs.1000', { server_id: 'a' }, `${'x'.repeat(600)} No valid host was found.`, 'no-capacity'],
    ['Ecs.9999', { server_id: 'a' }, 'No valid host was found.', 'no-capacity'],
    ['Ecs.0226', { server_id: 'a' }, 'start failed', null],
    ['Ecs.9999', { server_id: 'a' }, 'the capacity of the disk', null],
    ['Ecs.0605', { server_id: 'a' }, 'No valid host was found.', 'locked'],
    ['BMS.0038', { server_id: 'a' }, 'running', 'already-done'],
    ['BMS.0035', { server_id: 'a' }, 'starting', 'busy'],
    ['BMS.0036', { server_id: 'a' }, 'stopping', 'wrong-state'],
  ])('tells of %s over %o and "%s" the cause %s', (code, entities, words, cause) => {
    const failed = subJob('a', { status: 'FAIL', error_code: code, fail_reason: words, entities })
    expect(job('FAIL', [failed]).subJobs[0]?.cause).toBe(cause)
  })

  it('takes code and message where the others are absent', () => {
    const failed = {
      status: 'FAIL',
      error_code: null,
      fail_reason: null,
      code: 'BMS.0039',
      message: 'stopped',
    }
    expect(job('FAIL', [subJob('a', failed)]).subJobs[0]).toMatchObject({
      code: 'BMS.0039',
      reason: 'stopped',
    })
  })

  it.each([
    ['an object', { server_id: 'a', attached_volume_ids: ['v1', 'v2'] }],
    ['a list of objects', [{ nic_id: 'n' }, { server_id: 'a' }]],
    ['an object of lists', { server_id: ['a'] }],
  ])('has sub-jobs whose entities are %s', (_shape, entities) => {
    expect(job('SUCCESS', [subJob('a', { entities })]).subJobs).toEqual([succeeded('a')])
  })

  it('itself may have its entities in a list', () => {
    expect(job('SUCCESS', [], { entities: [{ sub_jobs: [subJob('a')] }] }).subJobs).toEqual([succeeded('a')])
  })

  it.each([
    ['missing', {}],
    ['null', { sub_jobs: null }],
    ['no list', { sub_jobs: 'none' }],
  ])('whose sub-jobs are %s has none', (_what, entities) => {
    expect(job('SUCCESS', [], { entities }).subJobs).toEqual([])
  })

  it.each([undefined, null, ''])('whose entities are %j has no sub-jobs', entities => {
    expect(job('SUCCESS', [], { entities }).subJobs).toEqual([])
  })

  it('without entities has no sub-jobs', () => {
    expect(WireJob.parse({ status: 'INIT' })).toEqual({
      status: 'running',
      code: null,
      reason: null,
      subJobs: [],
    })
  })

  it('does not tell of sub-jobs without a server', () => {
    expect(
      job('SUCCESS', [subJob(undefined), subJob(''), subJob(7), { status: 'FAIL' }, null, subJob('a')])
        .subJobs,
    ).toEqual([succeeded('a')])
  })

  it('has sub-jobs of unknown status still running', () => {
    expect(job('SUCCESS', [subJob('a', { status: 'PAUSED' })]).subJobs[0]?.status).toBe('running')
  })
})
