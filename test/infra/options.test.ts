/** What parameters add to the templates: a network for the functions, a boundary for the roles, an issuer of tokens; and what they lift. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { granted, roles } from './granted.ts'
import { FUNCTIONS, ISSUED, ISSUER, idOf, ofType, type Packaged, packaged } from './packaged.ts'

interface Serverless {
  service: { custom: object; provider: object }
  classes: { Error: ErrorConstructor }
}
const Options: new (serverless: Serverless) => { hooks: Record<string, () => void> } = createRequire(
  import.meta.url,
)('../../infra/aws/options.cjs')

const VPC = [
  '--param=vpcSubnetIds=subnet-0a1b2c3d, subnet-0a1b2c3e',
  '--param=vpcSecurityGroupIds=sg-0a1b2c3d',
]
const BOUNDARY = '--param=permissionsBoundary=curfew-boundary'
const ACCOUNT = 'eu-central-1:123456789012'
const listed = z.union([z.array(z.string()), z.string().transform(one => [one])])
/** Named after the moment of its packaging. */
const ARCHIVE = /"S3Key":"[^"]+/g
const Route = z.looseObject({ RouteKey: z.string(), AuthorizationType: z.string() })
const Boundary = z.object({ Statement: z.array(z.object({ Action: listed, Resource: listed })) })

let given: Packaged
beforeAll(async () => {
  given = await packaged('--stage', 'prod', '--param=protectStack=false', ...VPC, BOUNDARY)
})

const policies = (stack: Packaged, role: string) => {
  const Named = z.object({ Policies: z.array(z.object({ PolicyName: z.string() })) })
  return Named.parse(stack.resources[role]?.Properties).Policies.map(({ PolicyName }) => PolicyName)
}

describe('a network', () => {
  test('is that of every function, and Lambda may keep interfaces there in the name of each role', () => {
    const config = { SubnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'], SecurityGroupIds: ['sg-0a1b2c3d'] }
    const Config = z.object({ VpcConfig: z.unknown() })
    const configs = [...ofType(given, 'AWS::Lambda::Function', Config).values()]
    expect(configs).toEqual(FUNCTIONS.map(() => ({ VpcConfig: config })))
    for (const name of FUNCTIONS) expect(policies(given, idOf(name, 'Role'))).toEqual([name, 'network'])
    expect(policies(given, 'TimerRole')).toEqual(['tick'])
  })

  test('is not for the code of the functions', () => {
    const Denying = z.looseObject({ Effect: z.string(), Action: z.array(z.string()) })
    const Policy = z.object({ PolicyDocument: z.object({ Statement: z.tuple([Denying, Denying]) }) })
    const Role = z.object({ Policies: z.array(z.unknown()) })
    const [, policy] = Role.parse(given.resources.StopRole?.Properties).Policies
    const [allowed, denied] = Policy.parse(policy).PolicyDocument.Statement
    expect(denied.Action).toEqual(allowed.Action)
    expect(denied).toMatchObject({
      Effect: 'Deny',
      Resource: '*',
      Condition: { ArnLike: { 'lambda:SourceFunctionArn': expect.anything() } },
    })
  })

  test.each([
    [{ vpcSubnetIds: 'subnet-0a1b2c3d' }, 'expected both or neither, got "subnet-0a1b2c3d" and ""'],
    [{ vpcSubnetIds: 'vpc-0a1b2c3d' }, 'vpcSubnetIds: expected ids such as subnet-0a1b2c3d'],
    [
      { eventBusName: '' },
      'eventBusName: expected the name of an event bus, for alarms are told by it, got ""',
    ],
    [{ figures: 'yes' }, 'figures: expected true or false, got "yes"'],
    [{ permissionsBoundary: 'no name' }, 'permissionsBoundary: expected the name or the ARN'],
    [{ consoleIssuer: ISSUER }, `expected both or neither, got "${ISSUER}" and ""`],
    [{ consoleClientId: 'curfew' }, 'expected both or neither, got "" and "curfew"'],
    [
      { consoleIssuer: 'http://login.example', consoleClientId: 'curfew' },
      'consoleIssuer: expected the issuer',
    ],
    [{ consoleIssuer: `${ISSUER}?a=b`, consoleClientId: 'curfew' }, 'without query and fragment'],
    [{ consoleIssuer: ISSUER, consoleClientId: 'no id' }, 'consoleClientId: expected the id of a client'],
  ])('or a bus, a boundary or an issuer that cannot be meant is refused in words: %o', (params, message) => {
    const network = { vpcSubnetIds: '', vpcSecurityGroupIds: '' }
    const told = { eventBusName: 'default', figures: false }
    const custom = {
      ...network,
      ...told,
      permissionsBoundary: '',
      consoleIssuer: '',
      consoleClientId: '',
      ...params,
    }
    const provider = { compiledCloudFormationTemplate: { Parameters: { Figures: {} }, Resources: {} } }
    const { hooks } = new Options({ service: { custom, provider }, classes: { Error } })
    const [add] = Object.values(hooks)
    expect(add).toThrow(message)
  })
})

test('a stack called prod can be removed after a deployment that says so', () => {
  expect(given.provider).toMatchObject({ deletionProtection: false })
})

describe('the boundary', () => {
  const boundary = async () => {
    const file = join(import.meta.dirname, '../../infra/aws/boundary-policy.json')
    const { Statement } = Boundary.parse(JSON.parse(await readFile(file, 'utf8')))
    return Statement.flatMap(({ Action, Resource }) =>
      Action.flatMap(action => Resource.map(resource => `${action} ${resource}`)),
    )
  }
  const ARNS: Record<string, string> = {
    'AWS::DynamoDB::Table': `arn:aws:dynamodb:${ACCOUNT}:table/curfew-dev`,
    'AWS::SQS::Queue': `arn:aws:sqs:${ACCOUNT}:curfew-dev-Queue`,
    'AWS::Lambda::Function': `arn:aws:lambda:${ACCOUNT}:function:curfew-dev-tick`,
    'AWS::Logs::LogGroup': `arn:aws:logs:${ACCOUNT}:log-group:/aws/lambda/curfew-dev-tick:*`,
    'AWS::SNS::Topic': `arn:aws:sns:${ACCOUNT}:curfew-dev-AlarmTopic`,
  }
  const pseudo: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::Region': 'eu-central-1',
    'AWS::AccountId': '123456789012',
  }
  const resolved = (grant: string): string =>
    grant
      .replaceAll(/<(AWS::\w+)>/g, (_, name: string) => pseudo[name]!)
      .replaceAll(/<?\b(\w+)\.Arn>?/g, (_, id: string) => ARNS[given.resources[id]!.Type]!)
      .replace(/ AlarmTopic$/, ` ${ARNS['AWS::SNS::Topic']}`)
  const matches = (pattern: string, grant: string) =>
    new RegExp(`^${pattern.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`).test(grant)

  test('bounds every role', () => {
    const bound = { 'Fn::Sub': expect.stringMatching(/:policy\/curfew-boundary$/) }
    const Bounded = z.object({ PermissionsBoundary: z.unknown() })
    for (const { PermissionsBoundary } of ofType(given, 'AWS::IAM::Role', Bounded).values())
      expect(PermissionsBoundary).toEqual(bound)
  })

  test('leaves the roles all that they allow, and nothing that none of them does', async () => {
    const within = await boundary()
    const grants = [...roles(given).keys()].flatMap(role => [...granted(given, role)].map(resolved))
    expect(grants.filter(grant => !within.some(pattern => matches(pattern, grant)))).toEqual([])
    expect(within.filter(pattern => !grants.some(grant => matches(pattern, grant)))).toEqual([])
  })
})

describe('an issuer of tokens', () => {
  let plain: Packaged
  let issued: Packaged
  beforeAll(async () => {
    ;[plain, issued] = await Promise.all([packaged(), packaged(...ISSUED)])
  })

  test('adds one authorizer and one route, and leaves every other part as it was', () => {
    const { HttpApiAuthorizerConsole, HttpApiRouteAnyConsoleV1PathVar, ...rest } = issued.resources
    expect(Object.keys(rest)).toEqual(Object.keys(plain.resources))
    const changed = Object.keys(rest).filter(
      id => JSON.stringify(rest[id]) !== JSON.stringify(plain.resources[id]),
    )
    // The functions know of it by two variables, the access log by a field.
    expect(changed).toEqual([...FUNCTIONS.map(name => idOf(name, 'LambdaFunction')), 'HttpApiStage'])
    const unissued = (text: string) =>
      text
        .replaceAll(JSON.stringify(ISSUER), '""')
        .replaceAll('"curfew-console"', '""')
        .replaceAll(ARCHIVE, 'S3Key')
        .replace('{\\"subject\\":\\"$context.authorizer.claims.sub\\",', '{')
    for (const id of changed)
      expect(unissued(JSON.stringify(rest[id]))).toBe(
        JSON.stringify(plain.resources[id]).replaceAll(ARCHIVE, 'S3Key'),
      )
  })

  test('checks tokens for that issuer and that client, below a path of their own', () => {
    const { HttpApiAuthorizerConsole: authorizer, HttpApiRouteAnyConsoleV1PathVar: route } = issued.resources
    expect(authorizer).toEqual({
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: { Ref: 'HttpApi' },
        Name: 'console',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: ISSUER, Audience: ['curfew-console'] },
      },
    })
    const { RouteKey: _, ...signed } = Route.parse(issued.resources.HttpApiRouteAnyV1PathVar?.Properties)
    expect(route?.Properties).toEqual({
      ...signed,
      RouteKey: 'ANY /console/v1/{path+}',
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: 'HttpApiAuthorizerConsole' },
    })
  })

  test('opens no route of the API: what a signature is asked for stays so', () => {
    const { AuthorizationType } = Route.parse(issued.resources.HttpApiRouteAnyV1PathVar?.Properties)
    expect(AuthorizationType).toBe('AWS_IAM')
  })

  test('is not there without the parameters', () => {
    expect(plain.text).not.toMatch(/Authorizer"|"JWT"|\/console\/v1|authorizer\.claims/)
  })

  test('has its owner written down by the access log, which stays JSON', () => {
    const { Format } = z
      .object({ AccessLogSettings: z.object({ Format: z.string() }) })
      .parse(issued.resources.HttpApiStage?.Properties).AccessLogSettings
    expect(JSON.parse(Format)).toMatchObject({
      subject: '$context.authorizer.claims.sub',
      caller: '$context.identity.userArn',
    })
  })
})
