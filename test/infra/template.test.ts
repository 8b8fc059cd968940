import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CelEngine, type StandardDiagnostic, TemplateFile } from '@aws/cloudformation-validate'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { FUNCTIONS, ISSUED, idOf, Named, ofType, type Packaged, PROD, packaged } from './packaged.ts'

const INFRA = join(import.meta.dirname, '../../infra/aws')

let dev: Packaged
let prod: Packaged
let issued: Packaged
beforeAll(async () => {
  ;[dev, prod, issued] = await Promise.all([packaged(), packaged(...PROD), packaged(...ISSUED)])
})

// Said of what osls writes itself: a dependency that was already clear.
const HARMLESS = ['W3005']

async function problems(template: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-template-'))
  const engine = new CelEngine()
  try {
    const file = join(folder, 'template.json')
    await writeFile(file, template)
    const { status, diagnostics } = engine.validateStandard(new TemplateFile(file), { severityLevel: 'WARN' })
    const said = ({ ruleId, entity, message }: StandardDiagnostic) =>
      `${ruleId} ${entity?.logicalId}: ${message}`
    const bad = diagnostics.filter(({ ruleId }) => !HARMLESS.includes(ruleId)).map(said)
    return status === 'OK' ? bad : [`analysis ended ${status}`, ...bad]
  } finally {
    engine.free()
    await rm(folder, { recursive: true })
  }
}

describe('the validator', () => {
  test('has nothing against the stack of any stage, nor against the bare one', async () => {
    for (const text of [dev.text, dev.firstText, prod.text, prod.firstText, issued.text])
      expect(await problems(text)).toEqual([])
  })

  test.each([
    ['W2531', 'nodejs24.x', 'nodejs16.x'],
    ['W3030', 'KEYS_ONLY', 'KEYS'],
    ['E3505', '"VisibilityTimeout": 720', '"VisibilityTimeout": 60'],
    ['F1018', '{StopLogGroup}', '{StoppLogGroup}'],
  ])('would say %s of %s spelt %s', async (rule, good, bad) => {
    const found = await problems(dev.text.replaceAll(good, bad))
    expect(found.some(problem => problem.startsWith(rule))).toBe(true)
  })
})

describe('the table', () => {
  test('outlives its stack and can be brought back to any second of the last weeks', () => {
    expect(dev.resources.Table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    })
  })

  test('is encrypted, paid by use, and forgets what has expired', () => {
    expect(dev.resources.Table?.Properties).toMatchObject({
      SSESpecification: { SSEEnabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    })
  })
})

test('archives lie in a bucket that nobody else can read, encrypted, and reached by TLS alone', () => {
  const { ServerlessDeploymentBucket: bucket, ServerlessDeploymentBucketPolicy: policy } = dev.resources
  expect(bucket?.Properties).toMatchObject({
    BucketEncryption: { ServerSideEncryptionConfiguration: [expect.anything()] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  })
  const tls = { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': false } } }
  expect(policy?.Properties).toMatchObject({ PolicyDocument: { Statement: [tls] } })
})

describe('functions', () => {
  test('are those that the build makes, each from its own archive', () => {
    const Code = z.object({ Handler: z.literal('index.handler'), Code: z.object({ S3Key: z.string() }) })
    const archives = [...ofType(dev, 'AWS::Lambda::Function', Code)].map(([id, { Code }]) => [
      id,
      Code.S3Key.split('/').at(-1),
    ])
    expect(archives).toEqual(FUNCTIONS.map(name => [idOf(name, 'LambdaFunction'), `${name}.zip`]))
  })

  test('run on Node 24 and ARM, in 1 GB at most', () => {
    const Runs = z.object({
      Runtime: z.literal('nodejs24.x'),
      Architectures: z.tuple([z.literal('arm64')]),
      MemorySize: z.number().max(512),
    })
    expect(ofType(dev, 'AWS::Lambda::Function', Runs).size).toBe(FUNCTIONS.length)
  })

  test('are in no network of the account, and their roles have no boundary, unless parameters say so', () => {
    for (const text of [dev.text, prod.text]) expect(text).not.toMatch(/VpcConfig|PermissionsBoundary|"ec2:/)
  })

  test('keep their logs for as long as the stage says, and no group keeps them for ever', () => {
    const Kept = z.object({ RetentionInDays: z.number() })
    const days = ({ RetentionInDays }: z.infer<typeof Kept>) => RetentionInDays
    const groups = ofType(dev, 'AWS::Logs::LogGroup', Kept)
    expect([...groups.keys()].sort()).toEqual(
      [...FUNCTIONS.map(name => idOf(name, 'LogGroup')), 'HttpApiLogGroup'].sort(),
    )
    expect(new Set([...groups.values()].map(days))).toEqual(new Set([30]))
    expect(new Set([...ofType(prod, 'AWS::Logs::LogGroup', Kept).values()].map(days))).toEqual(new Set([180]))
  })
})

describe('the timer', () => {
  const Schedule = z.object({
    ScheduleExpression: z.string(),
    State: z.undefined().optional(),
    Target: z.object({
      Arn: Named,
      Input: z.undefined().optional(),
      RetryPolicy: z.object({ MaximumEventAgeInSeconds: z.number(), MaximumRetryAttempts: z.number() }),
    }),
  })

  test('calls tick every minute and gives a call up after two', () => {
    const { Timer } = Object.fromEntries(ofType(dev, 'AWS::Scheduler::Schedule', Schedule))
    expect(Timer?.ScheduleExpression).toBe('rate(1 minute)')
    expect(Timer?.Target.Arn).toBe('TickLambdaFunction')
    expect(Timer?.Target.RetryPolicy.MaximumEventAgeInSeconds).toBeLessThanOrEqual(120)
  })

  test('leaves no stale tick waiting: Lambda does not repeat one either', () => {
    expect(dev.resources.TickLambdaEvConf?.Properties).toMatchObject({
      FunctionName: { Ref: 'TickLambdaFunction' },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    })
  })

  test('has each tick over before the next', () => {
    expect(dev.resources.TickLambdaFunction?.Properties).toMatchObject({ Timeout: 50 })
  })
})

describe('stages', () => {
  test('do not touch each other: nothing of one is named in the other', () => {
    expect(dev.text).toContain('curfew-dev')
    expect(prod.text).not.toContain('curfew-dev')
    expect(prod.text).not.toContain('/dev/')
    // What is not named after the stage is named by the stack, or by CloudFormation.
    const fixed = /"(TableName|DashboardName|QueueName|TopicName|RoleName|AlarmName)": "/
    expect(prod.text).not.toMatch(fixed)
  })

  test('have the same parts', () => {
    expect(Object.keys(prod.resources)).toEqual(Object.keys(dev.resources))
  })

  test('say who is told of alarms', () => {
    expect(dev.parameters.AlarmEmail?.Default).toBe('')
    expect(prod.parameters.AlarmEmail?.Default).toBe('ops@example.com')
  })

  test('called prod cannot be removed by one command', () => {
    expect(dev.provider).toMatchObject({ deletionProtection: false })
    expect(prod.provider).toMatchObject({ deletionProtection: true })
  })
})

test('each file of the infrastructure can be held in the head: it has under 80 lines', async () => {
  const files = (await readdir(INFRA)).filter(name => name.endsWith('.yml'))
  const texts = await Promise.all(files.map(name => readFile(join(INFRA, name), 'utf8')))
  expect(files).toContain('table.yml')
  expect(files.filter((_, index) => texts[index]!.trimEnd().split('\n').length >= 80)).toEqual([])
})
