/** The functions as a deployment left them: code from the bucket, variables from their configuration; moto beneath. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import type { Handlers } from '../../../infra/local/runner/lambda.ts'
import { createRunner } from '../../../infra/local/runner/runner.ts'
import { functionSettings } from '../../../infra/local/templates.ts'
import { httpEvent } from '../../bundle/events.ts'
import { startLambda } from '../../bundle/lambda.ts'
import type { Shown } from '../../http/world.ts'
import { unpacked } from '../../infra/archive.ts'
import type { Stack } from './stack.ts'

export const FUNCTIONS = ['tick', 'plan', 'stop', 'follow', 'notify', 'http'] as const
type Name = (typeof FUNCTIONS)[number]
interface DeployedFunction {
  archive: Buffer
  variables: Record<string, string>
}
export type Deployed = Record<Name, DeployedFunction>

const Configuration = z.object({
  CodeSha256: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
})
const hashOf = (archive: Buffer): string => createHash('sha256').update(archive).digest('base64')

/** What Lambda would run: of each function the archive in the bucket that has its hash, and its variables. */
export async function deployedFunctions(stack: Stack): Promise<Deployed> {
  const archives = new Map([...(await stack.objects()).values()].map(archive => [hashOf(archive), archive]))
  const read = async (name: Name): Promise<DeployedFunction> => {
    const found = await stack.parts.read({ type: 'AWS::Lambda::Function', physicalId: `curfew-prod-${name}` })
    const { CodeSha256, Environment } = Configuration.parse(found)
    const archive = archives.get(CodeSha256)
    if (!archive) throw new Error(`expected an archive of ${name} with hash ${CodeSha256} in the bucket`)
    return { archive, variables: Environment.Variables }
  }
  return {
    tick: await read('tick'),
    plan: await read('plan'),
    stop: await read('stop'),
    follow: await read('follow'),
    notify: await read('notify'),
    http: await read('http'),
  }
}

const Answer = z.object({ statusCode: z.number(), body: z.string() })

interface Options {
  functions: Deployed
  endpoint: string
  region: string
}

/** Requests go where a queue's URL points, and CloudFormation gives one of AWS. */
const redirected = (variables: Record<string, string>, endpoint: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(/^https:\/\/sqs\.[^/]*/, endpoint),
    ]),
  )

export async function startDeployed({ functions, endpoint, region }: Options) {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-deployed-'))
  const settings = functionSettings()
  const where = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_DEFAULT_REGION: region }
  const start = async (name: Name) => {
    const task = join(folder, name)
    const { archive, variables } = functions[name]
    for (const file of await unpacked(archive)) {
      const path = join(task, file.name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, file.text)
    }
    const { timeoutSeconds } = settings[name]
    const named = { name: `curfew-prod-${name}`, folder: task, timeoutSeconds }
    return startLambda({ ...named, variables: { ...redirected(variables, endpoint), ...where } })
  }
  const lambdas = {
    tick: await start('tick'),
    plan: await start('plan'),
    stop: await start('stop'),
    follow: await start('follow'),
    notify: await start('notify'),
    http: await start('http'),
  }
  const handlers: Handlers = {
    tick: event => lambdas.tick.invoke(event),
    plan: event => lambdas.plan.invoke(event),
    stop: event => lambdas.stop.invoke(event),
    follow: event => lambdas.follow.invoke(event),
    notify: event => lambdas.notify.invoke(event),
    http: event => lambdas.http.invoke(event),
  }
  const { variables } = functions.tick
  const urls = redirected(variables, endpoint)
  const troubles: string[] = []
  const runner = createRunner({
    handlers,
    queues: {
      endpoint,
      urls: {
        plan: urls.PLAN_QUEUE_URL ?? '',
        stop: urls.STOP_QUEUE_URL ?? '',
        follow: urls.FOLLOW_QUEUE_URL ?? '',
        notify: urls.NOTIFY_QUEUE_URL ?? '',
      },
      inspect: () => ({ visible: [], hidden: [], dead: [] }),
    },
    trouble: (name, error) => void troubles.push(`${name}: ${error}`),
  })
  return {
    lambdas,
    troubles,
    runner,

    /** A request as API Gateway passes it on. */
    async ask(method: string, path: string, body?: object): Promise<{ status: number; body: Shown }> {
      const event = httpEvent({ method, path, userArn: 'ada', ...(body ? { body } : {}) })
      const { statusCode, body: text } = Answer.parse(await lambdas.http.invoke(event))
      return { status: statusCode, body: JSON.parse(text) }
    },
    async close(): Promise<void> {
      await runner.close()
      await Promise.all(Object.values(lambdas).map(lambda => lambda.close()))
      await rm(folder, { recursive: true })
    },
  }
}
