/** Whether Curfew is well: what answers, and whether ticks come. */
import { setTimeout as sleep } from 'node:timers/promises'
import about from '../../../../package.json' with { type: 'json' }
import { isoInstant } from '../../../core/schedule/instant.ts'
import { isTicking } from '../../../core/tick/clock.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { throwProblem } from '../../problem.ts'

/** What does not answer in this time does not answer. */
const PATIENCE_MS = 3000

/** `null` where no answer came in time. */
async function inTime<T>(answer: Promise<T>): Promise<T | null> {
  const ended = new AbortController()
  const late = sleep(PATIENCE_MS, null, { signal: ended.signal }).catch(() => null)
  return Promise.race([answer.catch(() => null), late]).finally(() => ended.abort())
}

async function readTicks({ store, now }: HttpServices) {
  const tickedAt = await store.notedTime()
  const since = tickedAt ?? (await store.tickAwaitedSince(isoInstant(now())))
  return { table: true, ticks: isTicking(since, now()), tickedAt }
}

const SILENT = { table: false, ticks: false, tickedAt: null }

async function readHealth(services: HttpServices) {
  const [ticking, queues] = await Promise.all([inTime(readTicks(services)), inTime(services.queue.answers())])
  const seen = { ...(ticking ?? SILENT), queues: queues === true }
  return { version: about.version, ok: seen.table && seen.queues && seen.ticks, ...seen }
}
type Health = Awaited<ReturnType<typeof readHealth>>

/** How long an answer is given again: callers need no credentials. */
const REMEMBERED_MS = 5000

const remembered = new WeakMap<HttpServices['store'], { at: number; answer: Promise<Health> }>()

/** The answer of a moment ago, or a new one: concurrent requests share one read of the table. */
export function rememberedHealth(services: HttpServices): Promise<Health> {
  const now = services.now()
  const last = remembered.get(services.store)
  if (last && now >= last.at && now - last.at < REMEMBERED_MS) return last.answer
  const answer = readHealth(services)
  remembered.set(services.store, { at: now, answer })
  return answer
}

type Part = 'table' | 'queues' | 'ticks'

const unwellWords = (part: Part, { tickedAt }: Health): string =>
  ({
    table: 'the table does not answer',
    queues: 'the queues do not answer',
    ticks: tickedAt === null ? 'no tick has run yet' : `no tick has run since ${tickedAt}`,
  })[part]

/** Throws 503, naming those of the parts that are not well. What ticks do is not known without the table. */
export function throwUnlessWell(health: Health, parts: Part[]): void {
  const told = parts.filter(part => !health[part] && (part !== 'ticks' || health.table))
  if (told.length > 0) throwProblem(503, told.map(part => unwellWords(part, health)).join('; '))
}
