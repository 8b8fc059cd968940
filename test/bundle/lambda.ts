/** A function as Lambda runs it: its archive unpacked, a process of its own, Lambda's own runtime client in it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startRuntimeApi } from './runtime-api.ts'

interface LambdaOptions {
  name: string
  /** Where its archive is unpacked. */
  folder: string
  timeoutSeconds: number
  variables: Record<string, string>
}
export interface Lambda {
  /** Calls it; throws what it answered with, or that it took too long. The first call starts its process. */
  invoke(event: unknown): Promise<unknown>
  /** Lines that it wrote. */
  lines: string[]
  /** Its process dies on the spot, whatever it does; the next call starts another. */
  kill(): void
  close(): Promise<void>
}

const HOOKS = pathToFileURL(join(import.meta.dirname, 'lambda-hooks.ts')).href
const RUNTIME = fileURLToPath(import.meta.resolve('aws-lambda-ric'))

/** What Lambda itself sets (developer guide, "Defined runtime environment variables"). */
const reserved = ({ name, folder }: LambdaOptions): Record<string, string> => ({
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/21/[$LATEST]0',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'ASIALAMBDA0000000000',
  AWS_SECRET_ACCESS_KEY: 'lambda',
  AWS_SESSION_TOKEN: 'session',
  LAMBDA_TASK_ROOT: folder,
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  _HANDLER: 'index.handler',
})

function started(options: LambdaOptions, runtimeApi: string, lines: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', HOOKS, RUNTIME, 'index.handler'], {
    cwd: options.folder,
    env: {
      PATH: dirname(process.execPath),
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      ...reserved(options),
      ...options.variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
    })
  }
  return child
}

export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { timeoutSeconds } = options
  const api = await startRuntimeApi(options)
  const lines: string[] = []
  let child: ChildProcess | null = null

  function start(): ChildProcess {
    const one = started(options, api.address, lines)
    one.once('exit', code => {
      if (child !== one) return
      child = null
      api.failAll(JSON.stringify({ errorMessage: `the process ended with ${code}` }))
    })
    return one
  }

  return {
    lines,
    async invoke(event) {
      child ??= start()
      const tooLong = setTimeout(() => child?.kill('SIGKILL'), timeoutSeconds * 1000)
      const { ok, body } = await api.call(event)
      clearTimeout(tooLong)
      if (!ok) throw new Error(`${options.name}: ${JSON.parse(body).errorMessage}`)
      return JSON.parse(body)
    },
    kill: () => void child?.kill('SIGKILL'),
    async close() {
      const one = child
      child = null
      one?.kill('SIGKILL')
      if (one) await once(one, 'exit')
      await api.close()
    },
  }
}
