/** `GET /metrics`, in the form of OpenMetrics: what this process counted, and how things stand now. */
import { Gauge, type OpenMetricsContentType, Registry } from 'prom-client'
import type { Store } from '../../../lib/aws/store/store.ts'
import { keyCooldownReason } from '../../../lib/core/model/credential-cooldown.ts'
import { isoInstant } from '../../../lib/core/schedule/instant.ts'
import about from '../../../package.json' with { type: 'json' }
import type { Queues } from '../emulators/queues.ts'
import { STEPS } from '../templates.ts'
import { countEmitted } from './counted.ts'

export interface MetricsPage {
  contentType: string
  /** Throws where the table does not answer. */
  text(): Promise<string>
  /** Counts no more. */
  close(): void
}

type MetricsStore = Pick<Store, 'notedTime' | 'duePage' | 'refusedKeys' | 'connection' | 'settings'>

interface MetricsSources {
  /** Opened by the first read: at the start of a process its configuration is not whole yet. */
  openStore: () => MetricsStore
  queues: Pick<Queues, 'inspect'>
  /** ms since the epoch */
  now: () => number
}

/** More keys than these are not counted: each is a read of the table. */
const MAX_REFUSED_KEYS = 100
/** No key is left alone for longer. */
const REFUSED_MS = 3_600_000

export function createMetricsPage(sources: MetricsSources): MetricsPage {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const counting = countEmitted(registry)
  const read = gauges(registry, sources)
  return {
    contentType: registry.contentType,
    async text() {
      await Promise.all(read.map(one => one()))
      return registry.metrics()
    },
    close: counting.close,
  }
}

type Read = () => Promise<void> | void

/** How things stand: read anew each time, so that a restart changes nothing. */
function gauges(registry: Registry<OpenMetricsContentType>, sources: MetricsSources): Read[] {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  gauge('process_start_time_seconds', 'When this process began, in seconds of Unix time').set(
    Math.round(Date.now() / 1000 - process.uptime()),
  )
  gauge('curfew_build_info', 'The version of Curfew', ['version']).set({ version: about.version }, 1)
  const { openStore, queues, now } = sources
  const lastTick = gauge(
    'curfew_last_tick_timestamp_seconds',
    'When the latest tick ran, in seconds of Unix time',
  )
  const oldestDue = gauge(
    'curfew_oldest_due_seconds',
    'How long the oldest due item has been due; 0 where none is',
  )
  const refusedKeys = gauge('curfew_refused_keys', 'Connections whose key is left alone, 100 at most')
  const enabled = gauge('curfew_enabled', 'Whether stops and starts are switched on', ['action'])
  const messages = gauge(
    'curfew_queue_messages',
    'Messages of each queue: to be received, not yet, dead letters',
    [...['step', 'state']],
  )
  return [
    async () => lastTick.set(Date.parse((await openStore().notedTime()) ?? '1970-01-01T00:00:00Z') / 1000),
    async () => oldestDue.set(await oldestDueSeconds(openStore(), now())),
    async () => refusedKeys.set(await countRefusedKeys(openStore(), now())),
    async () => {
      const { stopsEnabled, startsEnabled } = await openStore().settings()
      enabled.set({ action: 'stop' }, Number(stopsEnabled))
      enabled.set({ action: 'start' }, Number(startsEnabled))
    },
    () => {
      for (const step of STEPS) {
        const { visible, hidden, dead } = queues.inspect(step)
        messages.set({ step, state: 'ready' }, visible.length)
        messages.set({ step, state: 'hidden' }, hidden.length)
        messages.set({ step, state: 'dead' }, dead.length)
      }
    },
  ]
}

async function oldestDueSeconds(store: MetricsStore, now: number): Promise<number> {
  const [first] = (await store.duePage({ most: 1 })).items
  return first === undefined ? 0 : Math.max(0, (now - Date.parse(first.dueAt)) / 1000)
}

async function countRefusedKeys(store: MetricsStore, now: number): Promise<number> {
  const listed = await store.refusedKeys({ since: isoInstant(now - REFUSED_MS), most: MAX_REFUSED_KEYS })
  const refused = await Promise.all(
    listed.map(async ({ connection: id, ...health }) => {
      const connection = await store.connection(id)
      return connection !== null && keyCooldownReason(health, connection, now) !== null
    }),
  )
  return refused.filter(Boolean).length
}
