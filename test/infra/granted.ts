import * as z from 'zod'
import { ofType, type Packaged } from './packaged.ts'

const listed = <T extends z.ZodType>(one: T) => z.union([z.array(one), one.transform(single => [single])])
/** A resource as it is written: an attribute as `Id.Attribute`, in a longer text as `<Id.Attribute>`. */
const Written = z.union([
  z.string(),
  z.object({ 'Fn::Sub': z.string() }).transform(text => text['Fn::Sub'].replace(/\$\{([^}]+)\}/g, '<$1>')),
  z.object({ Ref: z.string() }).transform(({ Ref }) => Ref),
  z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform(one => one['Fn::GetAtt'].join('.')),
])
const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: listed(z.string()),
  Resource: listed(Written),
  Condition: z.unknown().optional(),
})
const Role = z.object({
  AssumeRolePolicyDocument: z.unknown(),
  ManagedPolicyArns: z.undefined().optional(),
  PermissionsBoundary: z.unknown().optional(),
  Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(Statement) }) })),
})

export const roles = (stack: Packaged) => ofType(stack, 'AWS::IAM::Role', Role)
export const statements = (stack: Packaged, role: string) =>
  roles(stack)
    .get(role)!
    .Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Effect }) => Effect === 'Allow')

/** Everything a role allows: such as `dynamodb:Query <Table.Arn>/index/due`. */
export const granted = (stack: Packaged, role: string): Set<string> =>
  new Set(
    statements(stack, role).flatMap(({ Action, Resource }) =>
      Action.flatMap(action => Resource.map(resource => `${action} ${resource}`)),
    ),
  )
