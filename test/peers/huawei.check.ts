/** The simulated Huawei Cloud, as Huawei's own SDK for Python sees it: what it sends is let in, what it reads is what we mean. */
import { expect, test } from 'vitest'
import { type Key, type SeedAgency, type Simulator, sampleFleet } from '../../infra/simulator/index.ts'
import { aSimulator, bms, ecs, holdClock, KEY, PROJECT } from '../simulator/client.ts'
import { runPeer } from './peers.ts'

/** An answer as the SDK read it. */
interface Read {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what it holds is what the tests are about
  answer: any
  /** Where it did not know a field, or read another value than was sent. */
  unknown: string[]
  /** Of a refusal. */
  code?: string
  requestId?: string
}

/** Newer than the SDK, by the API references; it passes over them. */
const NEWER = /^\.request_id$|^\.servers?(\[\])?\.(in_recycle_bin|auto_terminate_time)$/

/** One call of the SDK. Each field of each answer is one that it knows. */
async function sdk({ url }: Simulator, call: string, given: object = {}, key: Key = KEY): Promise<Read[]> {
  const { accessKey, secretKey, securityToken } = key
  const asked = { url, project: PROJECT, accessKey, secretKey, securityToken, ...given }
  const answers: Read[] = JSON.parse(
    (await runPeer('huawei.py', { args: [call, JSON.stringify(asked)] })).stdout,
  )
  expect(answers.flatMap(({ unknown = [] }) => unknown.filter(path => !NEWER.test(path)))).toEqual([])
  return answers
}
const one = async (...asked: Parameters<typeof sdk>): Promise<Read> => (await sdk(...asked))[0]!

/** A clock that moves only when it is told to; near the SDK's, for signatures carry an instant. */
const heldClock = () => holdClock(new Date().toISOString())

test('lists a fleet by marker, each server as it is', async () => {
  const simulator = await aSimulator({ servers: sampleFleet({ ecs: 250, bms: 10 }) })
  const pages = await sdk(simulator, 'list_servers', { limit: 100 })
  expect(pages.map(({ answer }) => [answer.count, answer.servers.length])).toEqual([
    [250, 100],
    [250, 100],
    [250, 50],
    [250, 0],
  ])
  const read = pages.flatMap(({ answer }) => answer.servers)
  const fleet = simulator.servers('ecs')
  const facts = fleet.map(({ id, name, status, locked, flavor }) => ({ id, name, status, locked, flavor }))
  expect(
    read.map(({ id, name, status, locked, flavor }) => ({ id, name, status, locked, flavor: flavor.id })),
  ).toEqual(facts)
  const tagged = (tags: Record<string, string>) =>
    Object.entries(tags).map(([key, value]) => (value === '' ? key : `${key}=${value}`))
  expect(read.map(({ tags }) => tags)).toEqual(fleet.map(({ tags }) => tagged(tags)))
  expect(simulator.ledger.map(({ query }) => query.marker)).toEqual([
    undefined,
    ...[99, 199, 249].map(place => fleet[place]?.id),
  ])
})

test('stops servers, follows the job to its end and reads them off', async () => {
  const advance = heldClock()
  const simulator = await aSimulator({
    servers: [ecs({ id: 'a' }), ecs({ id: 'b', locked: true })],
    switches: { jobSeconds: { first: 30, spread: 0, close: 8 } },
  })
  const { answer: accepted } = await one(simulator, 'stop_servers', { ids: ['a', 'b'], type: 'HARD' })
  const [stop] = simulator.stops()
  expect(stop?.stop).toEqual({ action: 'stop', kind: 'ecs', type: 'HARD', ids: ['a', 'b'] })
  expect(accepted).toEqual({ job_id: stop?.jobId })
  const look = async () => (await one(simulator, 'show_job', { id: accepted.job_id })).answer
  const read = async () => (await one(simulator, 'show_server', { id: 'a' })).answer.server
  advance(2)
  expect(await look()).toMatchObject({ status: 'RUNNING', job_id: accepted.job_id })
  expect(await read()).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': 'powering-off' })
  advance(36)
  expect(await look()).toMatchObject({
    status: 'FAIL',
    error_code: 'Common.0021',
    entities: {
      sub_jobs_total: 2,
      sub_jobs: [
        { status: 'SUCCESS', entities: { server_id: 'a' } },
        { status: 'FAIL', error_code: 'Ecs.0605', entities: { server_id: 'b' } },
      ],
    },
  })
  expect(await read()).toMatchObject({ status: 'SHUTOFF', 'OS-EXT-STS:vm_state': 'stopped' })
})

test('starts servers, and reads of one for which there is no room', async () => {
  const advance = heldClock()
  const simulator = await aSimulator({
    servers: ['a', 'b'].map(id => ecs({ id, status: 'SHUTOFF' })),
    switches: {
      jobSeconds: { first: 30, spread: 0, close: 8 },
      capacity: { refuses: ['b'], as: 'sub-job-0226' },
    },
  })
  const { answer } = await one(simulator, 'start_servers', { ids: ['a', 'b'] })
  advance(38)
  const job = await one(simulator, 'show_job', { id: answer.job_id })
  expect(job.answer).toMatchObject({
    status: 'FAIL',
    entities: { sub_jobs: [{ status: 'SUCCESS' }, { status: 'FAIL', error_code: 'Ecs.0226' }] },
  })
  expect(simulator.servers().map(({ status }) => status)).toEqual(['ACTIVE', 'SHUTOFF'])
})

test('lists bare metal page by page, stops one and follows its job', async () => {
  const advance = heldClock()
  const simulator = await aSimulator({
    servers: [bms({ id: 'm', tags: { env: 'dev' } }), bms({ id: 'n' }), ecs()],
    switches: { jobSeconds: { first: 30, spread: 0, close: 8 } },
  })
  const pages = await sdk(simulator, 'list_bms', { limit: 1 })
  expect(pages.map(({ answer }) => answer)).toMatchObject([
    { count: 2, servers: [{ id: 'm', status: 'ACTIVE', tags: ['__type_baremetal', 'env=dev'] }] },
    { count: 2, servers: [{ id: 'n' }] },
  ])
  const { answer } = await one(simulator, 'stop_bms', { ids: ['m'] })
  advance(38)
  expect((await one(simulator, 'show_bms_job', { id: answer.job_id })).answer).toMatchObject({
    status: 'SUCCESS',
    job_type: 'baremetalBatchOperate',
    entities: { sub_jobs: [{ status: 'SUCCESS', entities: { server_id: 'm' } }] },
  })
  expect(simulator.server('m')?.status).toBe('SHUTOFF')
})

test('is told the projects, the account and the caller of a key', async () => {
  const other = { id: 'f'.repeat(32), name: 'cn-north-4_lab' }
  const simulator = await aSimulator({ projects: [other] })
  const [projects, domains, caller] = (await sdk(simulator, 'identify')).map(({ answer }) => answer)
  expect(projects.projects).toMatchObject([
    { id: PROJECT, name: 'cn-north-4', enabled: true },
    { ...other, enabled: true },
    { name: 'MOS' },
    { is_domain: true },
  ])
  const [{ id: account }] = domains.domains
  expect(caller).toMatchObject({ account_id: account, principal_urn: `iam::${account}:user:curfew` })
})

const AGENCY: SeedAgency = {
  name: 'curfew',
  domainName: 'acme',
  domainId: 'd'.repeat(32),
  trusts: [KEY.accessKey],
}
const BY_IAM = { agency: AGENCY.name, domain: AGENCY.domainName }
const BY_STS = { urn: `iam::${AGENCY.domainId}:agency:${AGENCY.name}` }

test.each([
  ['IAM', 'assume_by_iam', BY_IAM],
  ['STS', 'assume_by_sts', BY_STS],
])(
  'is given a temporary key by %s, and let in with it and its token alone',
  async (_service, call, given) => {
    const simulator = await aSimulator({
      servers: [ecs({ id: 'a' })],
      keys: [{ ...KEY, projects: [] }],
      agencies: [AGENCY],
    })
    const look = async (key: Key) => {
      const { status, code } = await one(simulator, 'show_server', { id: 'a' }, key)
      return code === undefined ? status : `${status} ${code}`
    }
    expect(await look(KEY)).toBe('403 Pdp.0001')
    const { answer } = await one(simulator, call, given)
    const session = simulator.sessions[0]!
    const { accessKey, secretKey, securityToken } = session
    expect(Object.values(answer.credential ?? answer.credentials)).toEqual(
      expect.arrayContaining([accessKey, secretKey, securityToken]),
    )
    expect(await look({ accessKey, secretKey, securityToken })).toBe(200)
    expect(await look({ accessKey, secretKey })).toBe('401 APIGW.0301')
  },
)

test('is refused with a wrong key, and reads why', async () => {
  const simulator = await aSimulator({ servers: [ecs({ id: 'a' })] })
  const wrong = { ...KEY, secretKey: 'wrong' }
  const refusal = await one(simulator, 'stop_servers', { ids: ['a'], type: 'SOFT' }, wrong)
  const { requestId } = simulator.ledger[0]!
  expect(refusal).toEqual({ status: 401, code: 'APIGW.0301', requestId })
  expect(simulator.server('a')?.taskState).toBe(null)
})

test('lists flavors, scaling groups and their members', async () => {
  const simulator = await aSimulator({
    servers: [ecs({ id: 'a', flavor: 'd6.large.2' }), ecs({ id: 'b', flavor: 's6.large.2' })],
    scalingGroups: [{ name: 'web', made: ['a'], added: ['b'] }],
  })
  const { answer: flavors } = await one(simulator, 'list_flavors')
  expect(flavors.flavors).toMatchObject([
    { id: 'd6.large.2', os_extra_specs: { 'quota:local_disk': 'hdd:3:1675:True' } },
    { id: 's6.large.2' },
  ])
  const [groups, members] = await sdk(simulator, 'list_groups')
  expect(groups?.answer).toMatchObject({ total_number: 1, scaling_groups: [{ scaling_group_name: 'web' }] })
  expect(members?.answer).toMatchObject({
    total_number: 2,
    scaling_group_instances: [{ instance_id: 'a' }, { instance_id: 'b' }],
  })
})

test('reads a price and the bill', async () => {
  const simulator = await aSimulator({
    servers: [ecs({ id: 'a', flavor: 's6.large.2' })],
    switches: { billDelayHours: 0 },
  })
  const region = 'cn-north-4'
  const { answer: quoted } = await one(simulator, 'quote', { region, spec: 's6.large.2.linux' })
  expect(quoted).toMatchObject({ currency: 'CNY', product_rating_results: [{ id: '0' }] })
  expect(quoted.amount).toBeGreaterThan(0)
  const month = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 7)
  const { answer: bill } = await one(simulator, 'read_bill', { region, month })
  expect(bill).toMatchObject({ total_count: 1, monthly_records: [{ res_instance_id: 'a', charge_mode: 3 }] })
})
