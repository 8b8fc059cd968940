import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { HANDLERS, type Needs, OSLS } from './handlers.ts'
import { ISSUED, type Packaged, packaged } from './packaged.ts'

const listed = z.union([z.array(z.string()), z.string().transform(one => [one])])
const Policy = z.object({
  Statement: z.array(
    z.object({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: listed,
      Resource: listed,
      Condition: z.unknown().optional(),
    }),
  ),
})
type Statement = z.infer<typeof Policy>['Statement'][number]

let stack: Packaged
let text: string
let statements: Statement[]
beforeAll(async () => {
  stack = await packaged(...ISSUED)
  text = await readFile(join(import.meta.dirname, '../../infra/aws/deploy-policy.json'), 'utf8')
  statements = Policy.parse(JSON.parse(text)).Statement
})

/** As IAM compares: `*` stands for anything. */
const matches = (pattern: string, value: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`).test(value)

interface Call {
  action: string
  arn: string
}
const calls = (needs: Needs): Call[] =>
  Object.entries(needs).flatMap(([arn, actions]) => actions.map(action => ({ action, arn })))
const needed = (): Call[] => [...Object.values(HANDLERS), OSLS].flatMap(calls)
const given = () =>
  statements.flatMap(({ Action, Resource }) =>
    Action.flatMap(action => Resource.map(arn => ({ action, arn }))),
  )
const allows = (grant: Call, call: Call) => matches(grant.action, call.action) && matches(grant.arn, call.arn)
const denied = (needs: Call[]) => needs.filter(call => !given().some(grant => allows(grant, call)))

test('what CloudFormation calls is known for every type of the template, and for no other', () => {
  const types = new Set(Object.values(stack.resources).map(({ Type }) => Type))
  expect(Object.keys(HANDLERS).toSorted()).toEqual([...types].toSorted())
})

describe('the policy of whoever deploys', () => {
  test.each(Object.entries(HANDLERS))('lets CloudFormation make, change and remove an %s', (_, needs) => {
    expect(denied(calls(needs))).toEqual([])
  })

  test('lets osls deploy, list, roll back and remove', () => {
    expect(denied(calls(OSLS))).toEqual([])
  })

  test('allows nothing that nobody calls', () => {
    const idle = statements.flatMap(({ Sid, Action, Resource }) =>
      Action.filter(
        action => !needed().some(call => Resource.some(arn => allows({ action, arn }, call))),
      ).map(action => `${Sid}: ${action}`),
    )
    expect(idle).toEqual([])
    const resources = statements.flatMap(({ Resource }) => Resource)
    expect(resources.filter(one => !needed().some(({ arn }) => matches(one, arn)))).toEqual([])
  })

  test('is limited to what is called curfew, where AWS can limit it', () => {
    const wide = statements.filter(({ Resource }) => Resource.some(one => !one.includes('curfew-')))
    const sids = ['Template', 'Network', 'Messages', 'MessageTags', 'Api', 'AccessLog']
    expect(wide.map(({ Sid }) => Sid)).toEqual(sids)
  })

  test('hands roles to Lambda, to the Scheduler and to rules alone', () => {
    const passing = statements.filter(({ Action }) => Action.some(action => matches(action, 'iam:PassRole')))
    const services = ['events.amazonaws.com', 'lambda.amazonaws.com', 'scheduler.amazonaws.com']
    expect(passing.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'iam:PassedToService': services } },
    ])
  })

  test('makes and widens roles only within the boundary, and can lift it from none', () => {
    const bounded = { ArnLike: { 'iam:PermissionsBoundary': 'arn:aws:iam::*:policy/curfew-boundary' } }
    const giving = ['CreateRole', 'PutRolePolicy', 'PutRolePermissionsBoundary', 'AttachRolePolicy']
    for (const action of giving) {
      const allowing = statements.filter(({ Action }) => Action.some(one => matches(one, `iam:${action}`)))
      expect(allowing.filter(({ Condition }) => !isDeepStrictEqual(Condition, bounded))).toEqual([])
    }
    const lifting = ['iam:DeleteRolePermissionsBoundary', 'iam:CreatePolicyVersion', 'iam:CreatePolicy']
    const actions = statements.flatMap(({ Action }) => Action)
    expect(actions.filter(action => lifting.some(one => matches(action, one)))).toEqual([])
  })

  test('cannot delete the table', () => {
    const call = {
      action: 'dynamodb:DeleteTable',
      arn: 'arn:aws:dynamodb:eu-central-1:123456789012:table/curfew-prod',
    }
    expect(denied([call])).toEqual([call])
  })

  test('allows no service as a whole, and fits into a managed policy', () => {
    const actions = statements.flatMap(({ Action }) => Action)
    expect(actions.filter(action => /^\*|:\*$/.test(action))).toEqual([])
    expect(JSON.stringify(JSON.parse(text)).length).toBeLessThan(6144)
  })
})
