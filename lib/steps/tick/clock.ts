/** Watches the clock. Once a clock that ran ahead is set right, takes back what it wrote for times that are still to come. */
import { Unreadable } from '../../core/model/errors.ts'
import type { Run } from '../../core/model/run.ts'
import type { DueItem } from '../../core/tick/attention.ts'
import { clockState, earlierDueTimes, isLeaseTooLong, setAside } from '../../core/tick/clock.ts'
import { settleAll } from '../../runtime/concurrency.ts'
import { errorFields } from '../../runtime/log.ts'
import type { TickServices } from '../../runtime/services/services.ts'
import { untilSaved } from '../until-saved.ts'

const SIDE_BY_SIDE = 10
const PAGE_SIZE = 100

/** Whether runs may be made by the clock as it is. */
export async function checkClock(services: TickServices): Promise<boolean> {
  const { store, log, now } = services
  const notedAt = await store.notedTime()
  const nowAt = new Date(now()).toISOString()
  switch (clockState(notedAt, now())) {
    case 'unset':
      log.error('the clock is not set: no run is made until it is', { now: nowAt })
      return false
    case 'behind':
      log.error('the clock is behind a time that was noted: what lies too far ahead is moved back', {
        now: nowAt,
        notedAt,
      })
      await correctAll({ notedAt: notedAt!, nowAt }, services)
      return true
    case 'to-note':
      await store.noteTime(nowAt)
      return true
    case 'right':
      return true
  }
}

/** Corrects the noted time last: after a failure or a crash, the next tick begins again. */
async function correctAll(times: { notedAt: string; nowAt: string }, services: TickServices): Promise<void> {
  const { store } = services
  const failed: unknown[] = []
  for await (const page of store.runPages({ since: times.nowAt, most: PAGE_SIZE }))
    failed.push(...(await correctEach(page, run => correctRun(run, services), services)))
  for await (const page of store.dueAfter(times.nowAt))
    failed.push(...(await correctEach(page, due => correctDue(due, services), services)))
  if (failed.length === 0) await store.correctNotedTime(times.notedAt, times.nowAt)
}

/** Corrects each item, whatever becomes of the others. Returns the failures that are worth another try: not those of unreadable items. */
async function correctEach<T extends { id: string } | DueItem>(
  items: T[],
  correct: (item: T) => Promise<unknown>,
  { log }: TickServices,
): Promise<unknown[]> {
  const results = await settleAll(items, { sideBySide: SIDE_BY_SIDE }, correct)
  const failed = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ item: items[index]!, error: result.reason }] : [],
  )
  for (const { item, error } of failed) {
    const id = 'id' in item ? item.id : JSON.stringify(item)
    log.error('what a clock that ran ahead wrote cannot be put right', { id, ...errorFields(error) })
  }
  return failed.filter(({ error }) => !(error instanceof Unreadable))
}

const correctRun = (seen: Run, { store, log, now }: TickServices): Promise<void> =>
  untilSaved(`run ${seen.id}`, async tries => {
    const run = tries === 0 ? seen : await store.run(seen.id)
    const aside = run && setAside(run, now())
    if (!aside) return true
    if (!(await store.setRunAside(run, aside))) return false
    log.warn('a run was made before its time', { run: run.id, status: run.status, dueAt: run.dueAt })
    return true
  })

async function correctDue(due: DueItem, services: TickServices): Promise<void> {
  const { store, now } = services
  if (due.kind === 'policy') return moveBack(due.id, services)
  if (isLeaseTooLong(due, now())) await store.postpone(due, new Date(now()).toISOString())
}

const moveBack = (policyId: string, { store, log, now }: TickServices): Promise<void> =>
  untilSaved(`policy ${policyId}`, async () => {
    const policy = await store.policy(policyId)
    const to = policy && earlierDueTimes(policy, now())
    if (!to) return true
    if (!(await store.advancePolicy(policy, to))) return false
    const { nextDueAt, nextStartDueAt } = policy
    log.warn('a due time was moved back', { policy: policyId, from: { nextDueAt, nextStartDueAt }, to })
    return true
  })
