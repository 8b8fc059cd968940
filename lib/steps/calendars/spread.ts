/** Tells the policies that use a calendar what it covers by now. */
import type { StoredCalendar } from '../../core/calendar/calendar.ts'
import { dueByCover } from '../../core/documents/calendar.ts'
import type { StoredPolicy } from '../../core/model/model.ts'
import type { Cover } from '../../core/schedule/calendars.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { BaseServices } from '../../runtime/services/base.ts'
import { untilSaved } from '../until-saved.ts'

const SIDE_BY_SIDE = 10

/**
 * Goes policy by policy, and passes over those that have the cover, so that a try after a crash does the rest. The calendar is done
 * once each of its users has the cover; one that is just being saved may have read the earlier cover: then a tick comes back.
 */
export async function spreadCover(calendar: StoredCalendar, services: BaseServices): Promise<void> {
  const { store, log } = services
  const { cover, id } = calendar
  if (cover === null) return
  const users = new Set(await store.namedUsers({ kind: 'calendar', id }))
  for await (const rows of store.policiesByIds([...users])) {
    const results = await settleAll(rows, { sideBySide: SIDE_BY_SIDE }, async row => {
      if ('unreadable' in row)
        log.warn('a policy that cannot be read has no calendars', { policy: row.unreadable })
      else if (!usesCalendar(row.item, id)) return
      else await coverPolicy(row.item, cover, services)
      users.delete('item' in row ? row.item.id : row.unreadable)
    })
    throwFirstRejection(results)
  }
  if (users.size === 0) await store.markSpread(calendar)
}

const usesCalendar = ({ schedule }: StoredPolicy, calendarId: string): boolean =>
  schedule.calendars.some(({ id }) => id === calendarId)

const coverPolicy = (seen: StoredPolicy, cover: Cover, { store, log, now }: BaseServices): Promise<void> =>
  untilSaved(`policy ${seen.id}`, async tries => {
    const policy = tries === 0 ? seen : await store.policy(seen.id)
    const to = policy && dueByCover(policy, cover, now())
    if (!to) return true
    if (!(await store.advancePolicy(policy, to))) return false
    const { nextDueAt, nextStartDueAt } = to
    const { calendar } = cover
    log.info('a policy knows a calendar anew', { policy: seen.id, calendar, nextDueAt, nextStartDueAt })
    return true
  })
