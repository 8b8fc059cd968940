import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { madeOnce } from '../once-a-run.ts'

const ROOT = join(import.meta.dirname, '../..')
const OSLS = join(ROOT, 'node_modules/osls/bin/serverless.js')
export const FUNCTIONS = ['tick', 'plan', 'stop', 'follow', 'notify', 'http'] as const
export const QUEUED = ['plan', 'stop', 'follow', 'notify'] as const

const Resource = z.looseObject({ Type: z.string(), Properties: z.unknown().optional() })
const Template = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.string() })),
  Resources: z.record(z.string(), Resource),
})

const Packaged = z.object({
  /** The whole stack's template. */
  text: z.string(),
  /** The template of the bare stack that a first deployment begins with. */
  firstText: z.string(),
  /** What osls does with the stack beyond the template. */
  provider: z.unknown(),
})
export type Packaged = z.infer<typeof Packaged> & {
  parameters: z.infer<typeof Template>['Parameters']
  resources: z.infer<typeof Template>['Resources']
}

export const ISSUER = 'https://login.example/realms/ops'
/** The parameters of a deployment whose console people log in to. */
export const ISSUED = [`--param=consoleIssuer=${ISSUER}`, '--param=consoleClientId=curfew-console']
/** Of a stage called prod. A stack takes seconds to make: what the tests look at are as few as will do. */
export const PROD = ['--stage', 'prod', '--param=alarmEmail=ops@example.com', '--region', 'eu-west-1']

/** A way out that leads nowhere: whatever asks the network fails at once. */
const NOWHERE = 'http://127.0.0.1:9'

async function packageIn(folder: string, args: string[]): Promise<z.infer<typeof Packaged>> {
  for (const part of ['serverless.yml', 'infra'])
    await cp(join(ROOT, part), join(folder, part), { recursive: true })
  await mkdir(join(folder, '.build'))
  for (const name of FUNCTIONS) await writeFile(join(folder, `.build/${name}.zip`), name)
  const env = { HOME: folder, PATH: dirname(process.execPath), HTTPS_PROXY: NOWHERE, HTTP_PROXY: NOWHERE }
  await promisify(execFile)(process.execPath, [OSLS, 'package', ...args], { cwd: folder, env })
  const made = (name: string) => readFile(join(folder, '.serverless', name), 'utf8')
  const state = z
    .object({ service: z.object({ provider: z.unknown() }) })
    .parse(JSON.parse(await made('serverless-state.json')))
  return {
    text: await made('cloudformation-template-update-stack.json'),
    firstText: await made('cloudformation-template-create-stack.json'),
    provider: state.service.provider,
  }
}

/** The stack as `osls package` makes it, in a folder of its own, with no credentials, no home and no network. */
export async function packaged(...args: string[]): Promise<Packaged> {
  const folder = await madeOnce(`packaged ${args.join(' ')}`, async empty =>
    writeFile(join(empty, 'stack.json'), JSON.stringify(await packageAlone(args))),
  )
  const whole = Packaged.parse(JSON.parse(await readFile(join(folder, 'stack.json'), 'utf8')))
  const { Parameters, Resources } = Template.parse(JSON.parse(whole.text))
  return { ...whole, parameters: Parameters, resources: Resources }
}

async function packageAlone(args: string[]): Promise<z.infer<typeof Packaged>> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-package-'))
  try {
    return await packageIn(folder, args)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Properties of every resource of a type, by logical id, read with a schema that says what they must hold. */
export function ofType<T>({ resources }: Packaged, type: string, schema: z.ZodType<T>): Map<string, T> {
  const found = Object.entries(resources).filter(([, { Type }]) => Type === type)
  return new Map(found.map(([id, { Properties }]) => [id, schema.parse(Properties)]))
}

/** `PlanQueue` for a function `plan` and a `Queue`. */
export const idOf = (name: string, part: string): string =>
  `${name.charAt(0).toUpperCase()}${name.slice(1)}${part}`

/** The logical id that an attribute or reference names. */
export const Named = z.union([
  z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform(one => one['Fn::GetAtt'][0]),
  z.object({ Ref: z.string() }).transform(({ Ref }) => Ref),
])
