/** Ends runs, and hands them on to `notify`. */
import { type Ending, endingOf } from '../core/follow/ending.ts'
import type { Settled } from '../core/model/outcome.ts'
import { isEnded, type Run } from '../core/model/run.ts'
import { RESEND_SECONDS } from '../core/tick/attention.ts'
import { errorFields } from '../runtime/log.ts'
import type { BaseServices } from '../runtime/services/base.ts'

/** Ends a run if each of its chunks is done; `last`: what was settled in the one done last. */
export async function endIfOver(
  run: Run,
  services: BaseServices,
  last: Iterable<Settled> = [],
): Promise<void> {
  const end = isEnded(run) ? null : endingOf(run, last)
  if (end) await endRun(run, end, services)
}

/** Ends a run, in the table first: a tick sends a lost message again. Returns the run as it is then. */
export async function endRun(run: Run, end: Ending, services: BaseServices): Promise<Run | null> {
  const { store, queue, log, now } = services
  const attentionAt = new Date(now() + RESEND_SECONDS * 1000).toISOString()
  const ended = await store.endRun(run, end, attentionAt)
  if (!ended || !isEnded(ended) || ended.announcedAt !== undefined) return ended
  await queue
    .notify({ runIds: [run.id] })
    .catch(error =>
      log.warn('an end waits for a tick to announce it', { run: run.id, ...errorFields(error) }),
    )
  return ended
}
