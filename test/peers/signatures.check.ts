/** Each kind of request that Curfew sends to Huawei Cloud, signed a second time by Huawei's own SDK for Python. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Key } from '../../infra/simulator/index.ts'
import { requestTarget, type Unsigned } from '../../lib/cloud/http/target.ts'
import { signRequest } from '../../lib/cloud/huawei/sign.ts'
import { createCloud } from '../../lib/cloud/registry.ts'
import type { Cloud } from '../../lib/core/model/cloud.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import { all, type Received, wireConnection } from '../cloud/wire.ts'
import { aSimulator, bms, ecs, KEY, PROJECT } from '../simulator/client.ts'
import { runPeer } from './peers.ts'
import { startRelay } from './relay.ts'

const TEMPORARY: Key = { ...KEY, accessKey: 'HSTEXAMPLE0000000000', securityToken: 'gQpjbi1/TOKEN+==' }
const AGENCY = { name: 'curfew', domainName: 'acme', domainId: 'd'.repeat(32), trusts: [KEY.accessKey] }
const BY_IAM = { agency: AGENCY.name, domainName: AGENCY.domainName, sessionMinutes: 60 }
const BY_STS = { agency: AGENCY.name, domainId: AGENCY.domainId, sessionMinutes: 60 }

const APIS = ['ecs', 'bms', 'iam', 'as', 'sts', 'bss']

interface Opening {
  assume?: Connection['assume']
  /** Those whose endpoint is known. */
  apis?: string[]
}

/** A cloud with something to tell in each of its answers. */
async function aWatchedCloud() {
  const simulator = await aSimulator({
    servers: [ecs({ id: 'a', tags: { env: 'dev' } }), ecs({ id: 'b' }), bms({ id: 'm' })],
    scalingGroups: [{ name: 'web', made: ['b'] }],
    keys: [{ ...KEY }, TEMPORARY],
    agencies: [AGENCY],
    switches: { maxPage: 1 },
  })
  return { simulator, wire: await startRelay(simulator) }
}

function open(endpoint: string, key: Key, { assume = null, apis = APIS }: Opening = {}) {
  const { accessKey, secretKey, securityToken } = key
  const endpoints = Object.fromEntries(apis.map(api => [api, endpoint]))
  return createCloud({
    connection: wireConnection(endpoint, { endpoints, assume }),
    secret: { accessKey, secretKey, securityToken },
    timeoutMs: 10_000,
    now: Date.now,
    random: () => 0,
    sleep: async () => undefined,
  })
}

async function askEverything(cloud: Cloud): Promise<void> {
  await all(cloud.servers('ecs'))
  await all(cloud.servers('bms'))
  await all(cloud.filteredServers('ecs', { ids: ['a', 'b'] })!)
  await all(cloud.filteredServers('ecs', { key: 'env', value: 'dev' })!)
  await cloud.serversById('ecs', ['a', 'nobody'], null)
  await cloud.serversById('bms', ['m', 'nobody'], null)
  await cloud.countInEnterpriseProject('ecs', '0')
  await cloud.scalingGroups()
  await cloud.chargedFlavors()
  await cloud.projects()
  await cloud.account()
  await cloud.quotePrices([{ flavor: 's6.large.2', windows: false }])
  await cloud.bill('2026-11')
  for (const kind of ['ecs', 'bms'] as const) {
    const id = kind === 'ecs' ? 'a' : 'm'
    const { jobId } = await cloud.request(kind, { action: 'stop', mode: 'hard' }, [id])
    await cloud.job(kind, jobId!)
  }
  await cloud.request('ecs', { action: 'start', mode: 'soft' }, ['a'])
  await cloud.requestEach('ecs', { action: 'stop', mode: 'soft' }, ['b'])
}

/** As it was sent, with the headers that its signature names. */
function signedPart({ method, target, headers, body }: Received, keys: readonly Key[]) {
  const authorization = headers.authorization ?? ''
  const [, accessKey, names = ''] = /Access=([^,]+), SignedHeaders=([^,]+),/.exec(authorization) ?? []
  return {
    method,
    url: `http://${headers.host}${target}`,
    headers: Object.fromEntries(names.split(';').map(name => [name, headers[name]])),
    body,
    accessKey,
    secretKey: keys.find(key => key.accessKey === accessKey)?.secretKey,
  }
}

const officiallySigned = async (asked: object[]): Promise<string[]> =>
  JSON.parse((await runPeer('sign.py', { input: JSON.stringify(asked) })).stdout)

const kindOf = ({ method, path, query }: Received): string => {
  const place = path.replace(PROJECT, ':project').replace(/\/(a|b|m|nobody|[0-9a-f-]{32,36})(?=\/|$)/, '/:id')
  return [method, place, ...Object.keys(query).sort()].join(' ')
}

/** Method, path and parameters. */
const KINDS = [
  'GET /autoscaling-api/v1/:project/scaling_group limit start_number',
  'GET /autoscaling-api/v1/:project/scaling_group_instance/:id/list limit start_number',
  'GET /v1/:project/baremetalservers/:id',
  'GET /v1/:project/baremetalservers/detail limit offset',
  'GET /v1/:project/cloudservers/detail enterprise_project_id limit offset',
  'GET /v1/:project/cloudservers/detail limit marker not-tags',
  'GET /v1/:project/cloudservers/detail limit not-tags',
  'GET /v1/:project/cloudservers/detail limit not-tags tags',
  'GET /v1/:project/cloudservers/detail limit server_id',
  'GET /v1/:project/cloudservers/flavors',
  'GET /v1/:project/jobs/:id',
  'GET /v3/auth/domains',
  'GET /v3/auth/projects',
  'GET /v5/caller-identity',
  'POST /v1/:project/baremetalservers/action',
  'POST /v1/:project/cloudservers/action',
  'POST /v2.1/:project/servers/:id/action',
  'POST /v2/bills/customer-bills/res-records/query',
  'POST /v2/bills/ratings/on-demand-resources',
]

test.each([
  ['a permanent key', KEY, null, []],
  ['a temporary key', TEMPORARY, null, []],
  ['the key of an agency, given by IAM', KEY, BY_IAM, ['POST /v3.0/OS-CREDENTIAL/securitytokens']],
  ['the key of an agency, given by STS', KEY, BY_STS, ['POST /v5/agencies/assume']],
])('every request by %s has the signature of the official SDK', async (_by, key, assume, alsoAsked) => {
  const { simulator, wire } = await aWatchedCloud()
  await askEverything(open(wire.origin, key, { assume }))
  // Where there is no STS, the account is asked of IAM.
  await open(wire.origin, key, { apis: ['ecs', 'iam'] }).account()
  expect([...new Set(wire.received.map(kindOf))].sort()).toEqual([...KINDS, ...alsoAsked].sort())
  expect(simulator.ledger.filter(({ status }) => status === 401 || status === 403)).toEqual([])
  const keys = [KEY, TEMPORARY, ...simulator.sessions]
  const asked = wire.received.map(received => signedPart(received, keys))
  expect(wire.received.map(({ headers }) => headers.authorization)).toEqual(await officiallySigned(asked))
})

/** A slash inside of a part is none of ours: the SDK takes it for one between parts. */
const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(text => !text.includes('/'))
const token = fc.stringMatching(/^[\x21-\x7e]{1,40}$/)
const signable = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  path: fc.array(part, { minLength: 1, maxLength: 5 }),
  query: fc.dictionary(fc.stringMatching(/^[\w.~ +&=%-]{1,12}$/), fc.string({ unit: 'grapheme' }), {
    maxKeys: 5,
  }),
  body: fc.string({ unit: 'grapheme' }),
  securityToken: fc.option(token, { nil: undefined }),
  secretKey: token,
  nowMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2060, 0) }),
})

test('a request with any characters in its path, parameters and body has the signature of the official SDK', async () => {
  const cases = fc
    .sample(signable, { numRuns: 500, seed: 1 })
    .map(({ secretKey, securityToken, nowMs, ...parts }) => {
      const headers = { 'content-type': 'application/json', 'x-project-id': PROJECT }
      const unsigned: Unsigned = { ...parts, host: 'ecs.cn-north-4.myhuaweicloud.com', headers }
      const key = { accessKey: KEY.accessKey, secretKey, securityToken }
      const { authorization, ...signed } = signRequest(unsigned, key, nowMs)
      const url = `https://${unsigned.host}${requestTarget(unsigned)}`
      return {
        authorization,
        asked: { ...key, method: parts.method, url, headers: signed, body: parts.body },
      }
    })
  const signed = await officiallySigned(cases.map(({ asked }) => asked))
  expect(cases).toEqual(cases.map((one, place) => ({ ...one, authorization: signed[place] })))
})
