/** What parameters add to the templates: a network for the functions, a boundary for the roles. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { granted, roles } from './granted.ts'
import { FUNCTIONS, idOf, ofType, type Packaged, packaged } from './packaged.ts'

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
const Boundary = z.object({ Statement: z.array(z.object({ Action: listed, Resource: listed })) })

let given: Packaged
beforeAll(async () => {
  given = await packaged(...VPC, BOUNDARY)
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
    [{ permissionsBoundary: 'no name' }, 'permissionsBoundary: expected the name or the ARN'],
  ])('or a boundary that cannot be meant is refused in words: %o', (params, message) => {
    const custom = { vpcSubnetIds: '', vpcSecurityGroupIds: '', permissionsBoundary: '', ...params }
    const provider = { compiledCloudFormationTemplate: { Resources: {} } }
    const { hooks } = new Options({ service: { custom, provider }, classes: { Error } })
    const [add] = Object.values(hooks)
    expect(add).toThrow(message)
  })
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
