/** The environment, read once, by one schema. */
import * as z from 'zod'
import type { OutgoingProxy } from '../core/documents/proxy.ts'
import type { LogLevel } from './log.ts'

const SITES = ['myhuaweicloud.com', 'myhuaweicloud.eu', 'otc.t-systems.com']
/** In each region, such as `ecs.cn-north-4.myhuaweicloud.com`. */
const REGIONAL = ['ecs', 'bms', 'iam', 'iam-pub', 'as', 'sts', 'bss*']
/** For a whole site, such as `bss-intl.myhuaweicloud.com`. */
const GLOBAL = ['iam', 'iam-pub', 'bss*']
/**
 * The hosts of the services, and no others of these sites: a bucket's host is named by a customer. All regions have
 * a dash after two letters, `obs` has not.
 */
const SERVICE_HOSTS = SITES.flatMap(site => [
  ...REGIONAL.map(service => `${service}.??-*.${site}`),
  ...GLOBAL.map(service => `${service}.${site}`),
]).join(',')

/** Not told back: it may hold a password. */
const ProxyUrl = z.string().refine(text => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'expected the URL of a proxy, such as http://proxy.example:3128',
})
const UNTOLD = new Set(['HTTPS_PROXY', 'https_proxy'])

const integer = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/** Curfew's own variables; those of the AWS SDK keep their standard meaning and are read by it. */
export const Environment = z.object({
  TABLE_NAME: z.string().min(1),
  PLAN_QUEUE_URL: z.url(),
  STOP_QUEUE_URL: z.url(),
  FOLLOW_QUEUE_URL: z.url(),
  EVENT_BUS_NAME: z.string().min(1).optional(),
  METRICS_NAMESPACE: z.string().min(1).optional(),
  ALLOWED_ENDPOINT_HOSTS: z.string().default(SERVICE_HOSTS),
  CLOUD_TIMEOUT_MS: integer(100, 60_000).default(10_000),
  FOLLOW_FIRST_SECONDS: integer(1, 900).default(15),
  FOLLOW_MAX_SECONDS: integer(1, 900).default(60),
  SEND_DEADLINE_MINUTES: integer(1, 1440).default(240),
  RUN_DEADLINE_MINUTES: integer(1, 1440).default(60),
  /** A run may live for days: its deadlines, the later look, its webhook. */
  RUN_RETENTION_DAYS: integer(7, 3650).default(400),
  SECRETS_PREFIX: z.string().min(1).default('curfew/'),
  /** Standard names, of which the small letters count first, as elsewhere. */
  HTTPS_PROXY: ProxyUrl.optional(),
  https_proxy: ProxyUrl.optional(),
  NO_PROXY: z.string().optional(),
  no_proxy: z.string().optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export interface Config {
  tableName: string
  queueUrls: { plan: string; stop: string; follow: string }
  /** Where ends are told; absent: nowhere. */
  eventBusName: string | undefined
  /** Where figures are told; absent: nowhere. */
  metricsNamespace: string | undefined
  /** Globs; a connection's own endpoints must match one. */
  allowedEndpointHosts: string[]
  cloudTimeoutMs: number
  follow: { firstSeconds: number; maxSeconds: number; deadlineMinutes: number }
  sendDeadlineMinutes: number
  retentionDays: number
  secretsPrefix: string
  /** What calls to clouds and webhooks go through; `null`: nothing. */
  proxy: OutgoingProxy | null
  logLevel: LogLevel
  /** Where connections whose credentials come from the environment find them. */
  variables: Record<string, string | undefined>
}

function proxyFrom(e: z.infer<typeof Environment>): OutgoingProxy | null {
  const url = e.https_proxy ?? e.HTTPS_PROXY
  if (url === undefined) return null
  const exceptions = (e.no_proxy ?? e.NO_PROXY ?? '').split(/[\s,]+/).filter(Boolean)
  return { url, exceptions }
}

const received = (value: unknown): string => (value === undefined ? 'nothing' : `"${value}"`)

/** Throws an error that names each variable that is wrong, what was expected and what came. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0])
      return `${name}: ${message}, got ${UNTOLD.has(name) ? 'something else' : received(env[name])}`
    })
    throw new Error(`the environment is not right:\n  ${lines.join('\n  ')}`)
  }
  const e = parsed.data
  if (e.FOLLOW_MAX_SECONDS < e.FOLLOW_FIRST_SECONDS)
    throw new Error(
      `FOLLOW_MAX_SECONDS: expected at least FOLLOW_FIRST_SECONDS (${e.FOLLOW_FIRST_SECONDS}), got ${e.FOLLOW_MAX_SECONDS}`,
    )
  return {
    tableName: e.TABLE_NAME,
    queueUrls: { plan: e.PLAN_QUEUE_URL, stop: e.STOP_QUEUE_URL, follow: e.FOLLOW_QUEUE_URL },
    eventBusName: e.EVENT_BUS_NAME,
    metricsNamespace: e.METRICS_NAMESPACE,
    allowedEndpointHosts: e.ALLOWED_ENDPOINT_HOSTS.split(',').map(host => host.trim()),
    cloudTimeoutMs: e.CLOUD_TIMEOUT_MS,
    follow: {
      firstSeconds: e.FOLLOW_FIRST_SECONDS,
      maxSeconds: e.FOLLOW_MAX_SECONDS,
      deadlineMinutes: e.RUN_DEADLINE_MINUTES,
    },
    sendDeadlineMinutes: e.SEND_DEADLINE_MINUTES,
    retentionDays: e.RUN_RETENTION_DAYS,
    secretsPrefix: e.SECRETS_PREFIX,
    proxy: proxyFrom(e),
    logLevel: e.LOG_LEVEL,
    variables: env,
  }
}
