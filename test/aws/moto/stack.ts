/** A stack as moto has it: what it made of a template, and how each part is, in the words of the template. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation'
import * as z from 'zod'
import { createParts } from './parts.ts'

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown().optional() })),
})
const Reference = z.union([
  z.strictObject({ Ref: z.string() }),
  z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
  z.strictObject({ 'Fn::Sub': z.string() }),
  z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
])
const Choice = z.strictObject({ 'Fn::If': z.tuple([z.string(), z.unknown(), z.unknown()]) })

/** The second of a choice: no parameter of these deployments asks for figures. */
function chosen(one: unknown): unknown {
  const { data } = Choice.safeParse(one)
  return data ? data['Fn::If'][2] : one
}

interface Resource {
  id: string
  type: string
  physicalId: string
}
export type Stack = ReturnType<typeof createStack>

export function createStack(options: { name: string; region: string; endpoint: string }) {
  const { name, region, endpoint } = options
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' }
  const client = new CloudFormationClient({ region, endpoint, credentials })
  const parts = createParts({ region, endpoint, credentials })

  /** What moto made: what its CloudFormation does not know has no id there. */
  async function made(): Promise<Resource[]> {
    const { StackResourceSummaries = [] } = await client.send(
      new ListStackResourcesCommand({ StackName: name }),
    )
    return StackResourceSummaries.flatMap(
      ({ LogicalResourceId: id, ResourceType: type, PhysicalResourceId: physicalId }) =>
        id && type && physicalId ? [{ id, type, physicalId }] : [],
    )
  }

  /** Gives a value of the template with each reference followed to what moto made. */
  async function follower() {
    const resources = new Map((await made()).map(one => [one.id, one]))
    const pseudo: Record<string, string> = {
      'AWS::StackName': name,
      'AWS::Region': region,
      'AWS::AccountId': '123456789012',
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
    }
    const unmade = (id: string) => `\${${id}}`
    const ref = (id: string): string => pseudo[id] ?? resources.get(id)?.physicalId ?? unmade(id)
    const arn = (id: string): string => {
      const resource = resources.get(id)
      return resource ? parts.arn(resource) : unmade(id)
    }
    const substituted = (text: string) =>
      text.replaceAll(/\$\{([\w:]+)(\.Arn)?\}/g, (_, id: string, isArn?: string) =>
        isArn ? arn(id) : ref(id),
      )
    return function follow(written: unknown): unknown {
      const one = chosen(written)
      if (Array.isArray(one)) return one.map(follow)
      if (typeof one !== 'object' || one === null) return one
      const { data } = Reference.safeParse(one)
      if (!data) return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, follow(inner)]))
      if ('Ref' in data) return ref(data.Ref)
      if ('Fn::GetAtt' in data) return arn(data['Fn::GetAtt'][0])
      if ('Fn::Join' in data) return data['Fn::Join'][1].map(follow).join(data['Fn::Join'][0])
      return substituted(data['Fn::Sub'])
    }
  }

  return {
    made,

    /** Ids of what stands in a template and was not made, with their types. */
    async unknown(template: unknown): Promise<string[]> {
      const known = new Set((await made()).map(({ id }) => id))
      const { Resources } = Template.parse(template)
      return Object.entries(Resources)
        .filter(([id]) => !known.has(id))
        .map(([id, { Type }]) => `${Type} ${id}`)
    },

    /** For each resource that was made and can be read: what the template says of it, and what moto says. */
    async compared(template: unknown) {
      const { Resources } = Template.parse(template)
      const follow = await follower()
      const all = (await made()).map(async resource => ({
        ...resource,
        wanted: follow(Resources[resource.id]?.Properties ?? {}),
        found: await parts.read(resource),
      }))
      return (await Promise.all(all)).flatMap(({ found, ...one }) => (found ? [{ ...one, found }] : []))
    },

    async exists(): Promise<boolean> {
      const { Stacks = [] } = await client
        .send(new DescribeStacksCommand({ StackName: name }))
        .catch(() => ({ Stacks: [] }))
      return Stacks.some(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')
    },

    /** What lies in the bucket of deployments, by key. */
    async objects(): Promise<Map<string, Buffer>> {
      const bucket = (await made()).find(({ id }) => id === 'ServerlessDeploymentBucket')
      return parts.objects(bucket?.physicalId ?? '')
    },

    parts,

    close(): void {
      client.destroy()
      parts.close()
    },
  }
}
