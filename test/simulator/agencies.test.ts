import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js'
import { GlobalCredentials } from '@huaweicloud/huaweicloud-sdk-core/auth/GlobalCredentials.js'
import { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js'
import { DefaultHttpClient } from '@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient.js'
import { AgencyAuth } from '@huaweicloud/huaweicloud-sdk-iam/v3/model/AgencyAuth.js'
import {
  AgencyAuthIdentity,
  AgencyAuthIdentityMethodsEnum,
} from '@huaweicloud/huaweicloud-sdk-iam/v3/model/AgencyAuthIdentity.js'
import { CreateTemporaryAccessKeyByAgencyRequestBody } from '@huaweicloud/huaweicloud-sdk-iam/v3/model/CreateTemporaryAccessKeyByAgencyRequestBody.js'
import { IdentityAssumerole } from '@huaweicloud/huaweicloud-sdk-iam/v3/model/IdentityAssumerole.js'
import { describe, expect, test } from 'vitest'
import type { Key, Simulator } from '../../infra/simulator/index.ts'
import { aSimulator, type Call, call, ecs, holdClock, KEY, PROJECT } from './client.ts'
import { quiet } from './quiet.ts'

const AGENCY = {
  name: 'curfew',
  domainName: 'acme',
  domainId: 'd78cbac186b744899480f25bd022f468',
  trusts: [KEY.accessKey],
}
const IAM_PATH = '/v3.0/OS-CREDENTIAL/securitytokens'
const STS_PATH = '/v5/agencies/assume'

/** A cloud whose one key is of another account, and may take on the project's agency. */
const anOutsider = (overrides: Parameters<typeof aSimulator>[0] = {}) =>
  aSimulator({
    servers: [ecs({ id: 'a' })],
    keys: [{ ...KEY, projects: [] }],
    agencies: [AGENCY],
    ...overrides,
  })

const iamBody = (role: object = {}) => ({
  auth: {
    identity: {
      methods: ['assume_role'],
      assume_role: { agency_name: 'curfew', domain_name: 'acme', duration_seconds: 900, ...role },
    },
  },
})
const stsBody = (fields: object = {}) => ({
  agency_urn: `iam::${AGENCY.domainId}:agency:curfew`,
  agency_session_name: 'curfew',
  duration_seconds: 900,
  ...fields,
})
const askIam = ({ url }: Simulator, body: object, overrides: Partial<Call> = {}) =>
  call(url, { method: 'POST', path: IAM_PATH, body, ...overrides })
const askSts = ({ url }: Simulator, body: object, overrides: Partial<Call> = {}) =>
  call(url, { method: 'POST', path: STS_PATH, body, ...overrides })
const look = async ({ url }: Simulator, key: Key, path = 'cloudservers/detail') => {
  const { status, body } = await call(url, { path: `/v1/${PROJECT}/${path}`, key })
  return `${status} ${body.error_code ?? body.error?.code ?? ''}`.trim()
}

test('a key of another account may do nothing in the project but take on its agency', async () => {
  const simulator = await anOutsider()
  expect(await look(simulator, KEY)).toBe('403 Pdp.0001')
  expect((await askIam(simulator, iamBody())).status).toBe(201)
  expect(await look(simulator, simulator.sessions[0]!)).toBe('200')
})

test('a key of an agency ends when its session does', async () => {
  const advance = holdClock()
  const simulator = await anOutsider()
  await askIam(simulator, iamBody())
  advance(899)
  expect(await look(simulator, simulator.sessions[0]!)).toBe('200')
  advance(1)
  expect(await look(simulator, simulator.sessions[0]!)).toBe('401 APIGW.0301')
})

test('IAM refuses a key whose user may not take on agencies, and an agency that is not there', async () => {
  const simulator = await anOutsider()
  expect((await askIam(simulator, iamBody({ agency_name: 'other' }))).status).toBe(403)
  expect((await askIam(simulator, iamBody({ duration_seconds: 86_401 }))).status).toBe(400)
  simulator.keys[0] = { ...KEY, mayTakeOn: false }
  expect((await askIam(simulator, iamBody())).body.error).toMatchObject({ code: 403 })
})

describe('STS', () => {
  test('refuses another external id, none, and one that is not asked for, all in the same words', async () => {
    const simulator = await anOutsider({ agencies: [{ ...AGENCY, externalId: 'tenant-42' }] })
    const codes = []
    for (const fields of [{}, { external_id: 'tenant-43' }, { external_id: 'tenant-42' }]) {
      const { status, body } = await askSts(simulator, stsBody(fields))
      codes.push(`${status} ${body.error_code ?? ''}`)
    }
    expect(codes).toEqual(['403 PAP5.0001', '403 PAP5.0001', '200 '])
    const plain = await anOutsider()
    expect((await askSts(plain, stsBody({ external_id: 'tenant-42' }))).status).toBe(403)
  })

  test('gives a session that is chained an hour at most, and any no longer one than the agency allows', async () => {
    const simulator = await anOutsider({
      agencies: [{ ...AGENCY, maxSessionMinutes: 120 }],
    })
    expect((await askSts(simulator, stsBody({ duration_seconds: 7200 }))).status).toBe(200)
    expect((await askSts(simulator, stsBody({ duration_seconds: 7201 }))).status).toBe(400)
    simulator.agencies[0] = { ...AGENCY, trusts: [simulator.sessions[0]!.accessKey], maxSessionMinutes: 120 }
    const key = simulator.sessions[0]!
    expect((await askSts(simulator, stsBody({ duration_seconds: 3601 }), { key })).status).toBe(400)
    expect((await askSts(simulator, stsBody({ duration_seconds: 3600 }), { key })).status).toBe(200)
  })

  test('gives a key that may do what its session policy names, and no more', async () => {
    const simulator = await anOutsider()
    const policy = (Action: string[]) =>
      JSON.stringify({ Version: '5.0', Statement: [{ Effect: 'Allow', Action }] })
    await askSts(simulator, stsBody({ policy: policy(['ecs:cloudServers:listServersDetails']) }))
    const key = simulator.sessions[0]!
    expect(await look(simulator, key)).toBe('200')
    expect(await look(simulator, key, 'baremetalservers/detail')).toBe('403 Pdp.0001')
    expect(await look(simulator, key, 'cloudservers/flavors')).toBe('403 Pdp.0001')
    expect((await askSts(simulator, stsBody({ policy: '{"Version":"1.1"}' }))).status).toBe(400)
  })
})

test('bad signatures at STS lock a key as those at ECS do', async () => {
  const simulator = await aSimulator({ agencies: [AGENCY] })
  for (let n = 0; n < 5; n++) await askSts(simulator, stsBody(), { key: { ...KEY, secretKey: 'wrong' } })
  expect(await look(simulator, KEY)).toBe('401 APIGW.0301')
})

test('a server that has an agency is told its key; another is not', async () => {
  const simulator = await aSimulator()
  const ask = () => fetch(`${simulator.url}/openstack/latest/securitykey`)
  expect((await ask()).status).toBe(404)
  simulator.switches.serverHasAgency = true
  const { credential } = (await (await ask()).json()) as { credential: Record<string, string> }
  expect(Object.keys(credential)).toEqual(['access', 'secret', 'securitytoken', 'expires_at'])
  expect(await look(simulator, simulator.sessions[0]!)).toBe('200')
})

describe("Huawei's own SDK", () => {
  const client = ({ url }: Simulator) =>
    new HcClient(new DefaultHttpClient({ logger: quiet }, [url])).withEndpoints([url])
  const post = (url: string, data: object) => ({
    method: 'POST',
    url,
    contentType: 'application/json',
    queryParams: {},
    pathParams: {},
    headers: { 'Content-Type': 'application/json' },
    data,
  })
  const domain = new GlobalCredentials().withAk(KEY.accessKey).withSk(KEY.secretKey).withDomainId('outside')

  test('says the same to IAM as Curfew does, and is given a key', async () => {
    const simulator = await anOutsider()
    const role = new IdentityAssumerole('curfew').withDomainName('acme').withDurationSeconds(900)
    const identity = new AgencyAuthIdentity([AgencyAuthIdentityMethodsEnum.ASSUME_ROLE], role)
    const body = new CreateTemporaryAccessKeyByAgencyRequestBody(new AgencyAuth(identity))
    expect(JSON.parse(JSON.stringify(body))).toEqual(iamBody())
    const answer = await client(simulator).withCredential(domain).sendRequest(post(IAM_PATH, body))
    expect(answer).toMatchObject({
      httpStatusCode: 201,
      credential: { securitytoken: simulator.sessions[0]!.securityToken },
    })
  })

  test('is given a key by STS, and let in with it', async () => {
    const simulator = await anOutsider()
    const answer = await client(simulator).withCredential(domain).sendRequest(post(STS_PATH, stsBody()))
    const { accessKey, secretKey, securityToken } = simulator.sessions[0]!
    expect(answer).toMatchObject({
      httpStatusCode: 200,
      credentials: { access_key_id: accessKey, security_token: securityToken },
    })
    const session = new BasicCredentials().withAk(accessKey).withSk(secretKey).withProjectId(PROJECT)
    session.withSecurityToken(securityToken)
    const read = { ...post(`/v1/${PROJECT}/cloudservers/detail`, {}), method: 'GET' }
    expect(await client(simulator).withCredential(session).sendRequest(read)).toMatchObject({ count: 1 })
  })
})
