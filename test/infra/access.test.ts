import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { EVENT_SOURCE } from '../../lib/core/notify/events.ts'
import { Environment } from '../../lib/runtime/config.ts'
import { roles as rolesOf, statements as statementsOf } from './granted.ts'
import { FUNCTIONS, idOf, Named, ofType, type Packaged, packaged } from './packaged.ts'

let stack: Packaged
beforeAll(async () => {
  stack = await packaged()
})

const roles = () => rolesOf(stack)
const statements = (role: string) => statementsOf(stack, role)
const actions = (role: string) => statements(role).flatMap(({ Action }) => Action)
/** Every action that a role has on a resource. */
const may = (role: string, resource: string) =>
  statements(role)
    .filter(({ Resource }) => Resource.includes(resource))
    .flatMap(({ Action }) => Action)
    .toSorted()

/** Spelt as in AWS's service authorization reference: the validator knows no actions. */
const ACTIONS = [
  'dynamodb:BatchGetItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
  'events:PutEvents',
  'lambda:InvokeFunction',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'secretsmanager:GetSecretValue',
  'sns:Publish',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'ssm:GetParameter',
]
const HERE = '<AWS::Region>:<AWS::AccountId>'
const SECRETS = [
  `arn:<AWS::Partition>:secretsmanager:${HERE}:secret:curfew/*`,
  `arn:<AWS::Partition>:ssm:${HERE}:parameter/curfew/*`,
]

describe('roles', () => {
  test('are one for each function, used by it alone, and one for the timer, one for the rules of alarms', () => {
    const functions = ofType(stack, 'AWS::Lambda::Function', z.object({ Role: Named }))
    expect([...functions]).toEqual(
      FUNCTIONS.map(name => [idOf(name, 'LambdaFunction'), { Role: idOf(name, 'Role') }]),
    )
    expect([...roles().keys()].toSorted()).toEqual(
      [...FUNCTIONS, 'timer', 'alarm'].map(name => idOf(name, 'Role')).toSorted(),
    )
  })

  test('are taken on by the service that needs them, and by no other', () => {
    const Trusting = z.object({ AssumeRolePolicyDocument: z.object({ Statement: z.array(z.unknown()) }) })
    const trust = (Service: string) => ({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' })
    const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }
    const rulesHere = ['', '*/'].map(bus => ({
      'Fn::Sub': `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${bus}\${AWS::StackName}-*`,
    }))
    const ofThisStack = { ...ofThisAccount, ArnLike: { 'aws:SourceArn': rulesHere } }
    const others: Record<string, object> = {
      TimerRole: { ...trust('scheduler.amazonaws.com'), Condition: ofThisAccount },
      AlarmRole: { ...trust('events.amazonaws.com'), Condition: ofThisStack },
    }
    for (const [role, { AssumeRolePolicyDocument: by }] of ofType(stack, 'AWS::IAM::Role', Trusting))
      expect(by.Statement).toEqual([others[role] ?? trust('lambda.amazonaws.com')])
  })

  test('hold only actions that there are, and no pattern of actions', () => {
    for (const role of roles().keys()) for (const action of actions(role)) expect(ACTIONS).toContain(action)
  })

  test('name their resources: a pattern stands only for the secrets of the prefix', () => {
    const resources = [...roles().keys()].flatMap(role =>
      statements(role).flatMap(({ Resource }) => Resource),
    )
    const patterns = resources.filter(written => written.includes('*'))
    expect(new Set(patterns)).toEqual(new Set(SECRETS))
  })

  test.each(FUNCTIONS)('of %s writes its own log and no other', name => {
    const logs = statements(idOf(name, 'Role')).filter(({ Action }) =>
      Action.some(action => action.startsWith('logs:')),
    )
    expect(logs.flatMap(({ Resource }) => Resource)).toEqual([`${idOf(name, 'LogGroup')}.Arn`])
  })

  test('read secrets only where the cloud is called', () => {
    const readers = [...roles().keys()].filter(role =>
      actions(role).includes('secretsmanager:GetSecretValue'),
    )
    expect(readers.toSorted()).toEqual(['FollowRole', 'HttpRole', 'NotifyRole', 'PlanRole', 'StopRole'])
    for (const role of readers) for (const secret of SECRETS) expect(may(role, secret)).toHaveLength(1)
  })

  test('of the rules tells the one topic, and may do nothing else', () => {
    expect(statements('AlarmRole')).toMatchObject([{ Action: ['sns:Publish'], Resource: ['AlarmTopic'] }])
    expect(may('AlarmRole', 'AlarmTopic')).toEqual(['sns:Publish'])
  })

  test('delete nothing, but for the one that serves people', () => {
    const deleters = [...roles().keys()].filter(role => actions(role).includes('dynamodb:DeleteItem'))
    expect(deleters).toEqual(['HttpRole'])
  })

  test.each(['plan', 'stop', 'follow', 'notify'])(
    'of %s takes messages from its own queue and no other',
    name => {
      const receives = statements(idOf(name, 'Role')).filter(({ Action }) =>
        Action.includes('sqs:ReceiveMessage'),
      )
      expect(receives.flatMap(({ Resource }) => Resource)).toEqual([`${idOf(name, 'Queue')}.Arn`])
    },
  )

  test('read the to-do list in tick, and for overviews in http, without a scan', () => {
    const readers = [...roles().keys()].filter(role => may(role, '<Table.Arn>/index/due').length > 0)
    expect(readers).toEqual(['HttpRole', 'TickRole'])
  })

  test('announce in the name of Curfew alone', () => {
    for (const role of roles().keys())
      for (const { Action, Condition } of statements(role))
        if (Action.includes('events:PutEvents'))
          expect(Condition).toEqual({ StringEquals: { 'events:source': EVENT_SOURCE } })
  })
})

describe('routes', () => {
  const Route = z.object({ RouteKey: z.string(), AuthorizationType: z.string().optional() })
  const open = [
    'GET /',
    'GET /console/{file}',
    'GET /docs',
    'GET /feeds/{token}',
    'GET /livez',
    'GET /readyz',
    'GET /snooze/{token}',
    'GET /v1/health',
    'GET /v1/openapi.json',
    'HEAD /snooze/{token}',
    'POST /snooze/{token}',
  ]

  test('are closed to whoever does not sign, but for health, the API document, feeds, links of warnings and the files of the console', () => {
    const routes = [...ofType(stack, 'AWS::ApiGatewayV2::Route', Route).values()]
    const closed = routes.filter(({ AuthorizationType }) => AuthorizationType === 'AWS_IAM')
    const others = routes.filter(({ AuthorizationType }) => AuthorizationType !== 'AWS_IAM')
    expect(closed.map(({ RouteKey }) => RouteKey)).toEqual(['ANY /v1/{path+}'])
    expect(others.map(({ RouteKey }) => RouteKey).toSorted()).toEqual(open)
  })

  test('answer only so often, so that nobody can run up a bill', () => {
    const settings = { DefaultRouteSettings: { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 50 } }
    expect(stack.resources.HttpApiStage?.Properties).toMatchObject(settings)
  })

  test('are written down with who asked for what, and never with what', () => {
    const Stage = z.object({ AccessLogSettings: z.object({ Format: z.string() }) })
    const { HttpApiStage } = Object.fromEntries(ofType(stack, 'AWS::ApiGatewayV2::Stage', Stage))
    expect(JSON.parse(HttpApiStage!.AccessLogSettings.Format)).toEqual({
      requestId: '$context.requestId',
      time: '$context.requestTime',
      ip: '$context.identity.sourceIp',
      caller: '$context.identity.userArn',
      method: '$context.httpMethod',
      route: '$context.routeKey',
      status: '$context.status',
      error: '$context.error.message',
      latencyMs: '$context.responseLatency',
    })
  })

  test('hand events of payload 2.0 to http, which ends before the gateway gives up', () => {
    expect(stack.resources.HttpApiIntegrationHttp?.Properties).toMatchObject({ PayloadFormatVersion: '2.0' })
    const { Timeout } = z
      .object({ Timeout: z.number() })
      .parse(stack.resources.HttpLambdaFunction?.Properties)
    expect(Timeout).toBeLessThan(30)
  })
})

describe('the environment', () => {
  /** Where the console's files lie is known on AWS: beside the code. A function there has no server of Huawei Cloud's. */
  const LOCAL_ONLY = ['CONSOLE_FOLDER', 'METADATA_KEYS']
  const Lambda = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) })
  const environments = () =>
    [...ofType(stack, 'AWS::Lambda::Function', Lambda).values()].map(one => one.Environment.Variables)

  test('of every function holds the variables of the schema, and no others', () => {
    const names = Object.keys(Environment.shape)
      .filter(name => name === name.toUpperCase() && !LOCAL_ONLY.includes(name))
      .toSorted()
    for (const variables of environments()) expect(Object.keys(variables).toSorted()).toEqual(names)
  })

  /** An empty variable counts as an absent one. */
  const told = (variables: object) =>
    Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))

  test('says what the schema says where a stage says nothing', () => {
    const parts = {
      TABLE_NAME: 'table',
      PLAN_QUEUE_URL: 'https://a',
      STOP_QUEUE_URL: 'https://b',
      FOLLOW_QUEUE_URL: 'https://c',
      NOTIFY_QUEUE_URL: 'https://d',
      EVENT_BUS_NAME: 'default',
      METRICS_NAMESPACE: 'Curfew',
      PUBLIC_URL: 'https://curfew.example.com',
    }
    for (const variables of environments())
      expect(Environment.parse({ ...told(variables), ...parts })).toEqual(Environment.parse(parts))
  })

  test('names the parts of its own stack', () => {
    for (const variables of environments())
      expect(variables).toMatchObject({
        TABLE_NAME: { Ref: 'Table' },
        PLAN_QUEUE_URL: { Ref: 'PlanQueue' },
        STOP_QUEUE_URL: { Ref: 'StopQueue' },
        FOLLOW_QUEUE_URL: { Ref: 'FollowQueue' },
        NOTIFY_QUEUE_URL: { Ref: 'NotifyQueue' },
        PUBLIC_URL: { 'Fn::Sub': expect.stringMatching(/^https:\/\/\$\{HttpApi\}\.execute-api\./) },
      })
  })
})
