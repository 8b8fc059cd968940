/** Starts all parts of the service on this machine, and ends them. */
import { join } from 'node:path'
import { Environment, readConfig } from '../../lib/runtime/config.ts'
import { liveBaseServices } from '../../lib/runtime/services/base.ts'
import { buildConsole } from '../build/console.ts'
import { type Gateway, startGateway } from './door/gateway.ts'
import { createLocalRoutes } from './door/local-routes.ts'
import { expire } from './emulators/expiry.ts'
import { type Queues, startQueues } from './emulators/queues.ts'
import { startTable, type Table } from './emulators/table.ts'
import { type Embedded, embeddedEnvironment } from './environment.ts'
import type { FolderState } from './folder.ts'
import { createMetricsPage } from './metrics/page.ts'
import { Problem } from './problem.ts'
import type { Handlers, Trouble } from './runner/lambda.ts'
import { createRunner, type Runner } from './runner/runner.ts'

export interface Stack {
  table: Table
  queues: Queues
  gateway: Gateway
  runner: Runner
  /** Takes nothing new, waits for what is under way, closes the files. */
  close(): Promise<void>
}

interface StackOptions {
  folder: string
  /** Where HTTP listens, and to whom. */
  listening: Omit<Parameters<typeof startGateway>[0], 'handler' | 'trouble'>
  /** What the folder was made for. */
  state: FolderState
  /** Hosts that connections may point at besides those of `ALLOWED_ENDPOINT_HOSTS`. */
  moreHosts: string[]
  /** More variables for the functions. */
  variables: Record<string, string>
  trouble: Trouble
}

const HOUR_MS = 3_600_000
/** A failed message on AWS waits for its visibility to end; here nobody wants to. */
const RETRY_SECONDS = 10

/**
 * Brings up everything that Curfew is on this machine; its functions find the parts by their usual variables. Timer
 * and queues rest until the runner is started.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, listening, trouble } = options
  const consoleFolder = join(folder, 'console')
  const [table, queues] = await Promise.all([
    startTable({ folder: join(folder, 'table') }),
    startQueues({ folder: join(folder, 'queues') }),
    buildConsole(consoleFolder),
  ])
  setEnvironment({ table, queues, consoleFolder }, options)
  const handlers = await functions()
  const metrics = createMetricsPage({
    openStore: () => liveBaseServices().store,
    queues,
    now: () => Date.now(),
  })
  const localRoutes = createLocalRoutes({ metrics, table, queues, state: options.state })
  const gateway = await startGateway({ ...listening, handler: handlers.http, localRoutes, trouble })
  // Before any request, and so before any function reads it.
  process.env.PUBLIC_URL ||= gateway.url
  const runner = createRunner({ handlers, queues, retrySeconds: RETRY_SECONDS, trouble })
  const swept = () => expire(table, Date.now()).catch(error => trouble('expiry', error))
  let sweep = swept()
  const sweeping = setInterval(() => (sweep = swept()), HOUR_MS)
  return {
    table,
    queues,
    gateway,
    runner,
    close: async () => {
      clearInterval(sweeping)
      metrics.close()
      await Promise.all([gateway.close(), runner.close(), sweep])
      await Promise.all([queues.close(), table.close()])
    },
  }
}

/** What a deployment would have set. Throws `Problem` naming a variable that is wrong. */
function setEnvironment(
  { consoleFolder, ...embedded }: Embedded & { consoleFolder: string },
  { variables, moreHosts }: Pick<StackOptions, 'variables' | 'moreHosts'>,
): void {
  const { env } = process
  const { ALLOWED_ENDPOINT_HOSTS: given } = env
  const hosts = Environment.shape.ALLOWED_ENDPOINT_HOSTS.safeParse(given || undefined)
  // Nobody's own account may be reached from here, whatever this shell is set up for.
  for (const name of [
    'AWS_PROFILE',
    'AWS_SESSION_TOKEN',
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    'EVENT_BUS_NAME',
    'METRICS_NAMESPACE',
    // Its tokens are checked by API Gateway alone.
    'CONSOLE_ISSUER',
    'CONSOLE_CLIENT_ID',
    // Whether real clouds are there says the start alone.
    'METADATA_KEYS',
  ])
    delete env[name]
  env.LOG_LEVEL ||= 'error'
  Object.assign(env, variables, {
    ...embeddedEnvironment(embedded),
    CONSOLE_FOLDER: consoleFolder,
    ALLOWED_ENDPOINT_HOSTS: hosts.success ? [hosts.data, ...moreHosts].join(',') : given,
  })
  try {
    readConfig(env)
  } catch (error) {
    throw new Problem(`Cannot start: ${error instanceof Error ? error.message : error}`, {
      cause: error,
      exitCode: 2,
    })
  }
}

/** Only now, when their environment is whole. */
async function functions(): Promise<Handlers> {
  const [tick, plan, stop, follow, notify, http] = await Promise.all([
    import('../../functions/tick.ts'),
    import('../../functions/plan.ts'),
    import('../../functions/stop.ts'),
    import('../../functions/follow.ts'),
    import('../../functions/notify.ts'),
    import('../../functions/http.ts'),
  ])
  return {
    tick: tick.handler,
    plan: plan.handler,
    stop: stop.handler,
    follow: follow.handler,
    notify: notify.handler,
    http: http.handler,
  }
}
