/** Every minute: makes the runs that are due, and picks up whatever was left lying. */

import { messageOf } from '../../core/model/chunk.ts'
import { isEnded, type Run } from '../../core/model/run.ts'
import { warningMessages } from '../../core/notify/notify.ts'
import { runMessages } from '../../core/plan/plan.ts'
import { failedAlarms, type LyingWork, lyingAlarms, lyingChunk, lyingRun } from '../../core/tick/alarms.ts'
import {
  chunkAttention,
  type DueItem,
  type DueWork,
  findAbandonedChunks,
  RESEND_SECONDS,
  runAttention,
} from '../../core/tick/attention.ts'
import { settleAll } from '../../runtime/concurrency.ts'
import type { Invocation } from '../../runtime/handler.ts'
import { errorFields } from '../../runtime/log.ts'
import type { TickServices } from '../../runtime/services/services.ts'
import { countChunk } from '../held-chunk.ts'
import { waitsForStop } from '../plan/open-servers.ts'
import { endIfOver } from '../run-end.ts'
import { checkClock } from './clock.ts'
import { type DueResult, makeRuns, type TickContext, withdrawIfDeleted } from './make-runs.ts'

/** With less of the function's time left than this, the rest is the next tick's. */
const MARGIN_MS = 10_000
const SIDE_BY_SIDE = 25

/** Asks at most once for each id, when it is first needed. */
function askOnce<T>(ask: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return id => {
    const answer = answers.get(id) ?? ask(id)
    answers.set(id, answer)
    return answer
  }
}

export async function tick(services: TickServices, { timeLeftMs, scheduledAt }: Invocation): Promise<void> {
  const { store, queue, log, now, random, emitMetrics } = services
  if (scheduledAt !== undefined) emitMetrics({ TickLatenessMs: Math.max(0, now() - scheduledAt) })
  if (!(await checkClock(services))) return
  const allIds = askOnce(() => store.connectionIds())
  const ticking: TickContext = {
    connectionIds: () => allIds('all'),
    hasPolicy: askOnce(async id => (await store.keptPolicy(id)) !== null),
    hasTime: () => timeLeftMs() > MARGIN_MS,
  }
  for await (const page of store.due(new Date(now()).toISOString())) {
    if (page.some(({ kind }) => kind === 'policy')) await store.noteTime(new Date(now()).toISOString())
    const found: Found = { runs: [], toWarn: [], lying: [] }
    // Another tick may be at the same page: each begins elsewhere, so that they help each other.
    const start = Math.floor(random() * page.length)
    const work = [...page.slice(start), ...page.slice(0, start)]
    const results = await settleAll(work, { sideBySide: SIDE_BY_SIDE }, async due => {
      if (!ticking.hasTime()) return
      const { runs, toWarn, lying } = await attendDueItem(due, services, ticking)
      found.runs.push(...runs)
      found.toWarn.push(...toWarn)
      found.lying.push(...lying)
    })
    const failed = results.flatMap((result, index) =>
      result.status === 'rejected' ? [{ due: work[index]!, ...errorFields(result.reason) }] : [],
    )
    for (const { due, ...fields } of failed)
      log.error('a due item cannot be dealt with; the others go on', { ...due, ...fields })
    if (failed.length > 0) emitMetrics({ DueItemsFailed: failed.length })
    await queue.plans(runMessages(found.runs.filter(run => !isEnded(run))))
    const alarms = [
      ...failedAlarms(failed.map(({ due, error }) => ({ due, reason: error }))),
      ...lyingAlarms(found.lying),
    ]
    await queue.notifies([
      ...runMessages(found.runs.filter(isEnded)),
      ...warningMessages(found.toWarn),
      ...alarms.map(alarm => ({ alarm })),
    ])
    if (!ticking.hasTime()) return
  }
}

/** What attending due items gave; `lying`: work that had to be sent again. */
type Found = DueResult & { lying: LyingWork[] }

const NOTHING: Found = { runs: [], toWarn: [], lying: [] }

async function attendDueItem(due: DueItem, services: TickServices, ticking: TickContext): Promise<Found> {
  if (due.kind === 'policy') return { ...NOTHING, ...(await makeRuns(due.id, services, ticking)) }
  if (due.kind === 'run') return attendRun(due, services, ticking)
  if (!(await resendLater(due, services))) return NOTHING
  switch (due.kind) {
    case 'chunk':
      return { ...NOTHING, lying: await attendChunk(due, services) }
    case 'webhook':
      await services.queue.notify({ runIds: [due.runId] })
      return NOTHING
    case 'delivery': {
      const { key, channel } = due
      await services.queue.notify({ delivery: { key, channel } })
      return NOTHING
    }
    case 'warning':
      return { ...NOTHING, toWarn: [{ stop: due, fleet: 'any' }] }
    case 'calendar':
      await services.queue.notify({ calendarId: due.id })
      return NOTHING
  }
}

/** Lets one of several ticks send what was lost, and none send it again before it had time to be done. */
function resendLater(due: DueWork, { store, now }: TickServices): Promise<boolean> {
  return store.postpone(due, new Date(now() + RESEND_SECONDS * 1000).toISOString())
}

async function attendRun(
  due: Extract<DueItem, { kind: 'run' }>,
  services: TickServices,
  ticking: TickContext,
): Promise<Found> {
  const { store, log, now } = services
  const run = await store.run(due.id).catch(async error => {
    await resendLater(due, services)
    throw error
  })
  if (!run) return NOTHING
  const attention = runAttention(run, now())
  // The look itself moves the instant. Of two looks at once one counts, and one that takes long is held.
  if (attention === 'look') return { ...NOTHING, runs: [run] }
  if (!(await resendLater(due, services))) return NOTHING
  switch (attention) {
    case 'plan':
      if (await withdrawIfDeleted(run, services, ticking)) return NOTHING
      log.info('a run is still to be planned', { run: run.id, planning: run.planning })
      return { ...NOTHING, runs: [run], lying: (await waitsForStop(run, services)) ? [] : [lyingRun(run)] }
    case 'end':
      await endIfOver(run, services)
      return NOTHING
    case 'sweep':
      return { ...NOTHING, lying: await sweepChunks(run, services) }
    case 'notify':
      return { ...NOTHING, runs: [run] }
    case 'none':
      return NOTHING
  }
}

/** Counts and sends again what got lost of a run's chunks; returns the chunk that was sent again. */
async function sweepChunks(run: Run, services: TickServices): Promise<LyingWork[]> {
  const { store, queue, log } = services
  const { uncounted, start } = findAbandonedChunks(
    run,
    await store.chunkHeads({ runId: run.id, planning: run.planning }),
  )
  if (uncounted.length > 0 || start)
    log.warn('chunks were left lying', { run: run.id, uncounted: uncounted.length, start: start?.number })
  for (const chunk of uncounted) await countChunk(chunk, services)
  if (start) await queue.stop(messageOf(start))
  return start ? [lyingChunk(start, 'stop')] : []
}

async function attendChunk(
  due: Extract<DueItem, { kind: 'chunk' }>,
  { store, queue, log }: TickServices,
): Promise<LyingWork[]> {
  const whole = await store.wholeChunk(due)
  if (!whole) return []
  const { chunk } = whole
  const step = chunkAttention(chunk)
  if (step === 'none') return []
  log.warn('a chunk was left lying', { run: chunk.runId, chunk: chunk.number, step })
  await queue[step](messageOf(chunk))
  return [lyingChunk(chunk, step)]
}
