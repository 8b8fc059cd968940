/** Gives a policy that is saved what its calendars cover. */
import { MAX_COVER_BYTES } from '../../../core/calendar/calendar.ts'
import type { Policy } from '../../../core/model/model.ts'
import type { Cover } from '../../../core/schedule/calendars.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { throwUnprocessable } from '../../problem.ts'

interface Covers {
  covers?: Cover[]
}
type WithSchedule = Pick<Policy, 'schedule'>

const throwAt = (place: number, message: string): never =>
  throwUnprocessable([{ path: `schedule.calendars.${place}.id`, message }])

const noCalendar = (id: string): string => `expected the id of a calendar, got "${id}", which does not exist`

/** They and the policy are one item of the table, which takes 400 KB; with it goes its latest change. */
const MAX_POLICY_BYTES = 300_000

/** Throws 422 for a policy that may grow too large with what its calendars will cover. */
export function refuseTooLong(policy: WithSchedule): void {
  const { calendars } = policy.schedule
  const bytes = Buffer.byteLength(JSON.stringify(policy))
  const most = MAX_POLICY_BYTES - calendars.length * MAX_COVER_BYTES
  if (calendars.length === 0 || bytes <= most) return
  const message = `expected at most ${most} bytes of a policy with so many calendars, got ${bytes}`
  throwUnprocessable([{ path: 'schedule.calendars', message }])
}

/** What the calendars of a policy cover. Throws 422 for one that is not there, or could never be read. */
export async function coversOf({ schedule }: WithSchedule, { store }: HttpServices): Promise<Covers> {
  const ids = schedule.calendars.map(({ id }) => id)
  if (ids.length === 0) return {}
  const rows = await store.calendarsByIds(ids)
  const known = new Map(rows.flatMap(row => ('item' in row ? [[row.item.id, row.item] as const] : [])))
  const covers = ids.map((id, place) => {
    if (rows.some(row => 'unreadable' in row && row.unreadable === id))
      return throwAt(place, `expected a calendar that this version can read, got "${id}": PUT it again`)
    const calendar = known.get(id) ?? throwAt(place, noCalendar(id))
    const { cover, lastError } = calendar
    return cover ?? throwAt(place, `expected a calendar that could be read, got "${id}": ${lastError}`)
  })
  return { covers }
}

/** Says beside each calendar that this policy is about to use it, before it is read. Throws 422 where one was deleted. */
export async function nameCalendars(
  policy: WithSchedule & { id: string },
  { store }: HttpServices,
): Promise<void> {
  for (const [place, { id }] of policy.schedule.calendars.entries())
    if (!(await store.nameUser({ kind: 'calendar', id }, policy.id))) throwAt(place, noCalendar(id))
}
