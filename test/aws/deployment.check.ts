/** A deployment from its first day to its last, on moto: an AWS that others wrote. */
import { randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startSimulator } from '../../infra/simulator/index.ts'
import { createStore } from '../../lib/aws/store/store.ts'
import { fleet, KEY } from '../flow/world.ts'
import { aConnection } from '../makers.ts'
import { type Deployed, deployedFunctions, FUNCTIONS, startDeployed } from './moto/deployed.ts'
import { type Moto, startMoto } from './moto/moto.ts'
import { createStack, type Stack } from './moto/stack.ts'
import { createRelease, type Release } from './release.ts'

const REGION = 'us-east-1'
const WHERE = ['--stage', 'prod', '--region', REGION]
/** A cloud on this machine, and quick looks at it. */
const PARAMS = {
  alarmEmail: 'ops@example.com',
  permissionsBoundary: 'curfew-boundary',
  allowedEndpointHosts: '127.0.0.1',
  followFirstSeconds: '1',
  followMaxSeconds: '1',
}
const CREDENTIALS = { accessKeyId: 'id', secretAccessKey: 'secret' }
/** Properties that moto's CloudFormation takes and does not keep. */
const NOT_KEPT: Record<string, string[]> = {
  'AWS::S3::Bucket': ['PublicAccessBlockConfiguration'],
  'AWS::Lambda::Function': ['Code', 'Architectures', 'RecursiveLoop'],
  'AWS::DynamoDB::Table': ['TimeToLiveSpecification', 'PointInTimeRecoverySpecification', 'SSESpecification'],
}

let moto: Moto
let release: Release
let stack: Stack
let first: { functions: Deployed; parts: string[] }
beforeAll(async () => {
  moto = await startMoto()
  release = await createRelease({
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  })
  stack = createStack({ name: 'curfew-prod', region: REGION, endpoint: moto.endpoint })
})
afterAll(async () => {
  stack?.close()
  await release?.close()
  await moto?.close()
})

async function run(command: string, ...args: string[]): Promise<string> {
  const { code, text } = await release.run(command, args)
  if (code === 0) return text
  const lines = [text, ...moto.lines.slice(-40)].join('\n')
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${lines}`)
}

function deploy(params: Record<string, string> = {}): Promise<string> {
  const given = Object.entries({ ...PARAMS, ...params }).map(([name, value]) => `--param=${name}=${value}`)
  return run('npm', 'run', 'deploy', '--', ...WHERE, ...given)
}

/** Each part with its id in AWS: moto alone makes a topic anew at each update. */
const parts = async () =>
  (await stack.made())
    .filter(({ type }) => type !== 'AWS::SNS::Topic')
    .map(({ id, physicalId }) => `${id} ${physicalId}`)

const policyVersion = async () => {
  const dynamo = new DynamoDBClient({ endpoint: moto.endpoint, region: REGION, credentials: CREDENTIALS })
  const options = { dynamo, tableName: 'curfew-prod', retentionDays: 1, now: Date.now, unique: randomUUID }
  const policy = await createStore(options).policy('nightly')
  dynamo.destroy()
  return policy?.version
}

test('a first deployment makes each part as the template says', async () => {
  await deploy()
  const template = await release.template()
  console.log(`Not known to moto's CloudFormation:\n  ${(await stack.unknown(template)).join('\n  ')}`)
  const kept = (type: string, properties: object) =>
    Object.entries(properties).filter(([property]) => !NOT_KEPT[type]?.includes(property))
  const compared = await stack.compared(template)
  for (const { id, type, wanted, found } of compared)
    for (const [property, value] of kept(type, wanted as object))
      expect(found[property], `${id}.${property}`).toEqual(value)
  const count = (type: string) => compared.filter(one => one.type === type).length
  const types = [...new Set(compared.map(({ type }) => type))]
  expect(Object.fromEntries(types.map(type => [type, count(type)]))).toEqual({
    'AWS::S3::Bucket': 1,
    'AWS::Lambda::Function': 6,
    'AWS::Lambda::EventSourceMapping': 4,
    'AWS::DynamoDB::Table': 1,
    'AWS::SQS::Queue': 5,
    'AWS::IAM::Role': 8,
  })
})

test('the archives that the functions run are those that were built, byte for byte', async () => {
  first = { functions: await deployedFunctions(stack), parts: await parts() }
  for (const name of FUNCTIONS)
    expect(first.functions[name].archive.equals(await release.archive(name)), name).toBe(true)
})

test('a second deployment of the same changes nothing, and leaves nothing in the bucket', async () => {
  const before = [...(await stack.objects()).keys()]
  expect(await deploy()).toContain('No changes to deploy')
  expect(await parts()).toEqual(first.parts)
  expect([...(await stack.objects()).keys()]).toEqual(before)
})

test('what was deployed does a night on moto’s table and queues', async () => {
  const special = { 1: { locked: true }, 2: { status: 'SHUTOFF' }, 3: { tags: { 'curfew-protect': '' } } }
  const servers = fleet(1005, special)
  const { projectId } = aConnection()
  const switches = { jobSeconds: { first: 1, spread: 1 }, partialFail: { [servers[4]!.id!]: 'Ecs.0605' } }
  const simulator = await startSimulator({ projectId, keys: [KEY], servers, switches })
  onTestFinished(() => simulator.close())
  const secrets = new SecretsManagerClient({
    endpoint: moto.endpoint,
    region: REGION,
    credentials: CREDENTIALS,
  })
  await secrets.send(new CreateSecretCommand({ Name: 'curfew/key', SecretString: JSON.stringify(KEY) }))
  secrets.destroy()
  const { functions } = first
  const curfew = await startDeployed({ functions, endpoint: moto.endpoint, region: REGION })
  onTestFinished(() => curfew.close())
  const connection = {
    api: 'huaweicloud',
    region: 'cn-north-4',
    projectId,
    endpoints: { ecs: simulator.url, bms: simulator.url, iam: simulator.url },
    credentials: { source: 'secretsManager', name: 'curfew/key' },
    maxServersPerMinute: { ecs: null, bms: null },
  }
  expect((await curfew.ask('PUT', '/v1/connections/prod', connection)).status).toBe(201)
  const check = await curfew.ask('POST', '/v1/connections/prod/check', {})
  expect(check.body).toMatchObject({ ok: true, servers: { ecs: 1005 } })
  expect((await curfew.ask('GET', '/v1/health')).body).toMatchObject({ ok: true, table: true, queues: true })
  expect((await curfew.ask('GET', '/v1/now')).body).toMatchObject({ underWay: [], attention: [] })

  // Due every minute: the night is tonight.
  const policy = {
    connection: 'prod',
    kind: 'ecs',
    schedule: { cron: '* * * * *', timeZone: 'UTC' },
    selector: { name: 'dev-*' },
  }
  expect((await curfew.ask('PUT', '/v1/policies/nightly', policy)).status).toBe(201)
  curfew.runner.start()
  const night = await vi.waitUntil(
    async () => {
      const { items } = (await curfew.ask('GET', '/v1/runs')).body
      return items.findLast(({ status }) => status === 'partial')
    },
    { timeout: 300_000, interval: 1000 },
  )
  const summary = {
    matched: 1005,
    targets: 1002,
    skipped: 3,
    stopped: 1001,
    started: 0,
    failed: 1,
    unconfirmed: 0,
  }
  expect(night).toMatchObject({
    policyId: 'nightly',
    trigger: 'schedule',
    status: 'partial',
    summary,
  })
  expect(simulator.servers().filter(({ status }) => status === 'SHUTOFF')).toHaveLength(1002)
  expect(
    curfew.troubles,
    Object.values(curfew.lambdas)
      .flatMap(({ lines }) => lines.slice(-9))
      .join('\n'),
  ).toEqual([])
})

test('a deployment of another version changes what changed, and no more', async () => {
  const version = await policyVersion()
  expect(version).toBe(1)
  await release.bump('0.2.0')
  expect(await deploy({ logLevel: 'debug' })).toContain('Service deployed')
  const second = await deployedFunctions(stack)
  for (const name of FUNCTIONS) {
    const { archive, variables } = second[name]
    expect(archive.equals(await release.archive(name)), name).toBe(true)
    expect(variables).toEqual({ ...first.functions[name].variables, LOG_LEVEL: 'debug' })
  }
  const isSame = (name: keyof Deployed) => second[name].archive.equals(first.functions[name].archive)
  expect(FUNCTIONS.filter(name => !isSame(name))).toEqual(['http'])
  expect(await parts()).toEqual(first.parts)
  expect(await policyVersion()).toBe(version)
})

test('a rollback brings back code and variables, and leaves the data', async () => {
  const list = await run('npx', 'osls', 'deploy', 'list', ...WHERE)
  const [timestamp = ''] = [...list.matchAll(/Timestamp: (\d+)/g)].map(([, one]) => one!)
  await run('npx', 'osls', 'rollback', ...WHERE, '--timestamp', timestamp)
  expect(await deployedFunctions(stack)).toEqual(first.functions)
  expect(await parts()).toEqual(first.parts)
  expect(await policyVersion()).toBe(1)
})

test('a stack that is protected cannot be removed', async () => {
  const { code, text } = await release.run('npx', ['osls', 'remove', ...WHERE])
  expect(code).toBe(1)
  expect(text).toContain('deletionProtection')
  expect(await parts()).toEqual(first.parts)
})

test('two parameters let people log in by an issuer', async () => {
  const issuer = { consoleIssuer: 'https://login.example/realms/ops', consoleClientId: 'curfew' }
  await deploy({ ...issuer, protectStack: 'false' })
  const { variables } = (await deployedFunctions(stack)).http
  expect(variables).toMatchObject({
    CONSOLE_ISSUER: issuer.consoleIssuer,
    CONSOLE_CLIENT_ID: issuer.consoleClientId,
  })
})

test('a removal takes everything but the table', async () => {
  await deploy({ protectStack: 'false' })
  const made = await stack.made()
  await run('npx', 'osls', 'remove', ...WHERE)
  expect(await stack.exists()).toBe(false)
  const left = await Promise.all(
    made.map(async one => ((await stack.parts.read(one).catch(() => null)) ? [one.id] : [])),
  )
  expect(left.flat()).toEqual(['Table'])
  expect(await policyVersion()).toBe(1)
})
