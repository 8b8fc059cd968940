/** The way to where calendars are fetched from, for functions that read them. */
import type { Fetched } from '../../core/calendar/fetch.ts'
import { addressProblem } from '../../core/notify/webhook-address.ts'
import { createPublicRequests, type PublicAnswer, statusProblem } from '../public-request.ts'
import type { BaseServices } from './base.ts'

export interface CalendarServices {
  /** Asks for a calendar, once; `headers`: by which it may be said that it has not changed. */
  fetchCalendar: (url: string, headers: Record<string, string>) => Promise<Fetched>
}

const FETCH_TIMEOUT_MS = 10_000
const MAX_CALENDAR_BYTES = 2 * 1024 * 1024
const NOT_MODIFIED = 304

function fetchedFrom({ status, headers, body }: PublicAnswer, wasAsked: boolean): Fetched {
  if (status === NOT_MODIFIED && wasAsked) return { kind: 'unchanged' }
  const problem = statusProblem(status)
  if (problem !== null) return { kind: 'failed', problem }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    return { kind: 'failed', problem: `expected no content-encoding, got ${encoding}` }
  const { etag, 'last-modified': lastModified } = headers
  return { kind: 'text', bytes: body, etag, lastModified }
}

export function createCalendarServices(
  { config: { proxy } }: BaseServices,
  problemOf = addressProblem,
): CalendarServices {
  const send = createPublicRequests({ addressProblem: problemOf, timeoutMs: FETCH_TIMEOUT_MS, proxy })
  return {
    async fetchCalendar(url, headers) {
      const accepted = { accept: 'text/calendar, */*;q=0.1', 'accept-encoding': 'identity', ...headers }
      const asked = { method: 'GET' as const, url, headers: accepted, maxBytes: MAX_CALENDAR_BYTES }
      const result = await send(asked)
      if ('problem' in result) return { kind: 'failed', problem: result.problem }
      return fetchedFrom(result.answer, Object.keys(headers).length > 0)
    },
  }
}
