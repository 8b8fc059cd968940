/** The kinds of documents that files may hold, in the order in which they are saved: what names others comes after them. */
import type * as z from 'zod'
import { Calendar } from '../../lib/core/calendar/calendar.ts'
import { readCalendar } from '../../lib/core/calendar/cover.ts'
import { CalendarProblem } from '../../lib/core/calendar/lines.ts'
import type { FieldProblem } from '../../lib/core/documents/input.ts'
import { Connection } from '../../lib/core/model/connection.ts'
import { Policy, PolicyState, Stamps } from '../../lib/core/model/model.ts'
import { PolicyOutlook } from '../../lib/core/model/policy/outlook.ts'
import { Channel } from '../../lib/core/notify/channel/channel.ts'
import { CALENDAR_STATE } from '../../lib/http/schemas/calendar-schemas.ts'

/** A document as its schema reads it. */
export type Fields = Record<string, unknown> & { id: string; managedBy: string | null }

/** A field of a document that holds the id of another. */
export interface Reference {
  path: string
  kind: DocumentKind
  id: string
}

interface KindFacts {
  /** Of several. */
  plural: string
  schema: z.ZodType
  /** What Curfew keeps beside it: left out of files, and of what is compared. */
  readOnly: object
  /** Fields by which it is known: it has more of them than any other kind. */
  marks: string[]
  references(fields: Fields): Reference[]
  /** What is wrong with what the schema lets pass. */
  problems?(fields: Fields, now: number): FieldProblem[]
}

const isPattern = (id: string): boolean => /[*?]/.test(id)

function connectionReferences({ connection, connections }: Fields): Reference[] {
  const one = typeof connection === 'string' ? [{ path: 'connection', id: connection }] : []
  const many = Array.isArray(connections) ? connections.map(String) : []
  const named = many
    .map((id, place) => ({ path: `connections.${place}`, id }))
    .filter(({ id }) => !isPattern(id))
  return [...one, ...named].map(reference => ({ kind: 'connection', ...reference }))
}

function channelReferences({ notify }: Fields): Reference[] {
  const told = (Array.isArray(notify) ? notify : []) as { channel: string }[]
  return told.map(({ channel }, place) => ({ kind: 'channel', path: `notify.${place}.channel`, id: channel }))
}

const calendarReferences = ({ schedule }: Fields): Reference[] =>
  (schedule as { calendars: { id: string }[] }).calendars.map(({ id }, place) => {
    return { kind: 'calendar', path: `schedule.calendars.${place}.id`, id }
  })

/** As Curfew will read it: what stands at a URL is not asked for. */
function textProblems({ ics }: Fields, now: number): FieldProblem[] {
  if (typeof ics !== 'string') return []
  try {
    readCalendar(new TextEncoder().encode(ics), now)
    return []
  } catch (error) {
    if (error instanceof CalendarProblem) return [{ path: 'ics', message: error.message }]
    throw error
  }
}

const KINDS = {
  connection: {
    plural: 'connections',
    schema: Connection,
    readOnly: Stamps.shape,
    marks: ['api', 'region', 'projectId'],
    references: () => [],
  },
  channel: {
    plural: 'channels',
    schema: Channel,
    readOnly: Stamps.shape,
    marks: ['type', 'language'],
    references: () => [],
  },
  calendar: {
    plural: 'calendars',
    schema: Calendar,
    readOnly: CALENDAR_STATE,
    marks: ['ics', 'url'],
    references: () => [],
    problems: textProblems,
  },
  policy: {
    plural: 'policies',
    schema: Policy,
    readOnly: { ...PolicyState.shape, ...PolicyOutlook.shape, runUnderWay: null },
    marks: ['schedule', 'selector', 'kind', 'mode', 'limits'],
    references: fields => [
      ...connectionReferences(fields),
      ...channelReferences(fields),
      ...calendarReferences(fields),
    ],
  },
} as const satisfies Record<string, KindFacts>

export type DocumentKind = keyof typeof KINDS
export const ALL_KINDS = Object.keys(KINDS) as DocumentKind[]

export const factsOf = (kind: DocumentKind): KindFacts => KINDS[kind]

/** The kind whose fields a document has; `null`: it has none of any. */
export function kindOf(value: object, among: DocumentKind[]): DocumentKind | null {
  const marked = (kind: DocumentKind): number =>
    factsOf(kind).marks.filter(mark => Object.hasOwn(value, mark)).length
  const [best] = among.toSorted((one, other) => marked(other) - marked(one))
  return best !== undefined && (among.length === 1 || marked(best) > 0) ? best : null
}

/** Without what Curfew keeps beside it. */
export const writable = (kind: DocumentKind, value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !Object.hasOwn(factsOf(kind).readOnly, name)))

/** `3 policies`, `1 channel`. */
export const counted = (count: number, kind: DocumentKind): string =>
  `${count} ${count === 1 ? kind : factsOf(kind).plural}`
