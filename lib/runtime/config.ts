/** The environment, read once, by one schema. */
import * as z from 'zod'
import { isLoopback } from '../core/documents/connection.ts'
import { SITE_DOMAINS } from '../core/documents/connections/site.ts'
import type { OutgoingProxy } from '../core/documents/proxy.ts'
import type { LogLevel } from './log.ts'

/** In each region, such as `ecs.cn-north-4.myhuaweicloud.com`. */
const REGIONAL = ['ecs', 'bms', 'iam', 'iam-pub', 'as', 'sts', 'eps', 'bss*']
/** For a whole site, such as `bss-intl.myhuaweicloud.com`. */
const GLOBAL = ['iam', 'iam-pub', 'eps', 'bss*']
/**
 * The hosts of the services, and no others of these sites: a bucket's host is named by a customer. All regions have
 * a dash after two letters, `obs` has not.
 */
const SERVICE_HOSTS = SITE_DOMAINS.flatMap(site => [
  ...REGIONAL.map(service => `${service}.??-*.${site}`),
  ...GLOBAL.map(service => `${service}.${site}`),
]).join(',')

/** Not told back: it may hold a password. */
const ProxyUrl = z.string().refine(text => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'expected the URL of a proxy, such as http://proxy.example:3128',
})
const UNTOLD = new Set(['HTTPS_PROXY', 'https_proxy'])

function integerBetween(least: number, most: number) {
  const error = `expected a whole number from ${least} to ${most}`
  return z
    .string({ error })
    .regex(/^\d+$/, { error })
    .transform(Number)
    .pipe(z.number().min(least, { error }).max(most, { error }))
}
const Text = z.string({ error: 'expected a text' }).min(1, { error: 'expected a text' })
const Url = z.url({ error: 'expected a URL' })

/** As OIDC has it (Discovery 1.0, section 2). */
const IssuerUrl = z.string().refine(
  text => {
    const { protocol, hostname, search, hash } = URL.parse(text) ?? {}
    const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname ?? ''))
    return isSafe && `${search}${hash}` === ''
  },
  { error: 'expected the https URL of an OIDC issuer, without query and fragment' },
)

/** So that the longest link of a warning fits into what the tools take. */
const MAX_PUBLIC_URL = 90

/** Where links begin: paths of ours are put right after it. */
const PublicUrl = z
  .string()
  .refine(
    text => {
      const { protocol = '', username, password, search, hash } = URL.parse(text) ?? {}
      return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ''
    },
    { error: 'expected the URL at which people reach Curfew, such as https://curfew.example.com' },
  )
  .transform(text => text.replace(/\/+$/, ''))
  .refine(text => text.length <= MAX_PUBLIC_URL, {
    error: `expected a URL of at most ${MAX_PUBLIC_URL} characters: chat tools take no longer links than those built upon it`,
  })

/** A glob over hosts, as URLs spell them; anything else, such as a URL, could match none. */
const HOST_GLOB = /^([a-z0-9*?._-]+|\[[0-9a-f:.*?]+\])$/i
const itemsOf = (list: string): string[] => list.split(',').map(item => item.trim())
const Hosts = z.string().refine(list => itemsOf(list).every(item => HOST_GLOB.test(item)), {
  error: 'expected hosts parted by commas, without scheme, port and path, such as *.example.com',
})

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Curfew's own variables; those of the AWS SDK keep their standard meaning and are read by it. */
export const Environment = z.object({
  TABLE_NAME: Text,
  PLAN_QUEUE_URL: Url,
  STOP_QUEUE_URL: Url,
  FOLLOW_QUEUE_URL: Url,
  NOTIFY_QUEUE_URL: Url,
  EVENT_BUS_NAME: Text.optional(),
  METRICS_NAMESPACE: Text.optional(),
  PUBLIC_URL: PublicUrl.default('http://127.0.0.1:3000'),
  ALLOWED_ENDPOINT_HOSTS: Hosts.default(SERVICE_HOSTS),
  CLOUD_TIMEOUT_MS: integerBetween(100, 60_000).default(10_000),
  FOLLOW_FIRST_SECONDS: integerBetween(1, 900).default(15),
  FOLLOW_MAX_SECONDS: integerBetween(1, 900).default(60),
  SEND_DEADLINE_MINUTES: integerBetween(1, 1440).default(240),
  RUN_DEADLINE_MINUTES: integerBetween(1, 1440).default(60),
  /** A run may live for days: its deadlines, the later look, its webhook. */
  RUN_RETENTION_DAYS: integerBetween(7, 3650).default(400),
  SECRETS_PREFIX: Text.default('curfew/'),
  /** The local run's alone, with real clouds: connections may have the key of the server that Curfew runs on. */
  METADATA_KEYS: z.enum(['allowed', 'refused'], { error: 'expected allowed or refused' }).default('refused'),
  /** The local run's alone: in the archive of the http function they lie beside its code. */
  CONSOLE_FOLDER: Text.default(`${import.meta.dirname}/console`),
  /** Standard names, of which the small letters count first, as elsewhere. */
  HTTPS_PROXY: ProxyUrl.optional(),
  https_proxy: ProxyUrl.optional(),
  NO_PROXY: z.string().optional(),
  no_proxy: z.string().optional(),
  CONSOLE_ISSUER: IssuerUrl.optional(),
  CONSOLE_CLIENT_ID: Text.optional(),
  LOG_LEVEL: z.enum(LEVELS, { error: `expected one of ${LEVELS.join(', ')}` }).default('info'),
})

export interface Config {
  tableName: string
  queueUrls: { plan: string; stop: string; follow: string; notify: string }
  /** Where ends are told; absent: nowhere. */
  eventBusName: string | undefined
  /** Where figures are told; absent: nowhere. */
  metricsNamespace: string | undefined
  /** Where links point that Curfew hands out; without a slash at its end. */
  publicUrl: string
  /** Globs; a connection's own endpoints must match one. */
  allowedEndpointHosts: string[]
  cloudTimeoutMs: number
  follow: { firstSeconds: number; maxSeconds: number; deadlineMinutes: number }
  sendDeadlineMinutes: number
  retentionDays: number
  secretsPrefix: string
  /** Whether connections may have the key of the server that Curfew runs on. */
  metadataKeys: boolean
  /** Where the console's files are. */
  consoleFolder: string
  /** What calls to clouds and webhooks go through; `null`: nothing. */
  proxy: OutgoingProxy | null
  /** Where people log in to the console; `null`: nowhere. */
  issuer: { url: string; clientId: string } | null
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

/** Both or neither: either alone admits no caller. */
function issuerFrom({ CONSOLE_ISSUER: url, CONSOLE_CLIENT_ID: clientId }: z.infer<typeof Environment>) {
  if (url === undefined && clientId === undefined) return null
  if (url !== undefined && clientId !== undefined) return { url, clientId }
  throw new Error(
    `CONSOLE_ISSUER and CONSOLE_CLIENT_ID: expected both or neither, got "${url ?? ''}" and "${clientId ?? ''}"`,
  )
}

/** Throws an error that names each variable that is wrong, what was expected and what came. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0])
      const came = env[name] === undefined ? 'nothing' : `"${env[name]}"`
      return `${name}: ${message}, got ${UNTOLD.has(name) ? 'something else' : came}`
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
    queueUrls: {
      plan: e.PLAN_QUEUE_URL,
      stop: e.STOP_QUEUE_URL,
      follow: e.FOLLOW_QUEUE_URL,
      notify: e.NOTIFY_QUEUE_URL,
    },
    eventBusName: e.EVENT_BUS_NAME,
    metricsNamespace: e.METRICS_NAMESPACE,
    publicUrl: e.PUBLIC_URL,
    allowedEndpointHosts: itemsOf(e.ALLOWED_ENDPOINT_HOSTS),
    cloudTimeoutMs: e.CLOUD_TIMEOUT_MS,
    follow: {
      firstSeconds: e.FOLLOW_FIRST_SECONDS,
      maxSeconds: e.FOLLOW_MAX_SECONDS,
      deadlineMinutes: e.RUN_DEADLINE_MINUTES,
    },
    sendDeadlineMinutes: e.SEND_DEADLINE_MINUTES,
    retentionDays: e.RUN_RETENTION_DAYS,
    secretsPrefix: e.SECRETS_PREFIX,
    metadataKeys: e.METADATA_KEYS === 'allowed',
    consoleFolder: e.CONSOLE_FOLDER,
    proxy: proxyFrom(e),
    issuer: issuerFrom(e),
    logLevel: e.LOG_LEVEL,
    variables: env,
  }
}
