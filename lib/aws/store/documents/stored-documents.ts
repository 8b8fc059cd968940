/** From items to the documents that they hold: whole, or not at all. */
import type * as z from 'zod'
import {
  Calendar,
  CalendarState,
  newCalendarState,
  type StoredCalendar,
} from '../../../core/calendar/calendar.ts'
import { type KeptDocument, withoutState } from '../../../core/documents/documents.ts'
import type { FieldProblem } from '../../../core/documents/input.ts'
import { checkInput } from '../../../core/documents/problem.ts'
import { Connection, type StoredConnection } from '../../../core/model/connection.ts'
import { Unreadable } from '../../../core/model/errors.ts'
import { Policy, PolicyState, Settings, Stamps, type StoredPolicy } from '../../../core/model/model.ts'
import { NO_PRICES } from '../../../core/model/prices/prices.ts'
import { Channel, type StoredChannel } from '../../../core/notify/channel/channel.ts'
import { keyId } from '../../keys.ts'
import type { Item } from '../../table.ts'
import { isDocument, withDefaults, withoutDefaults } from './defaults.ts'

/** Reads a document whole or not at all: a field that is not known may be what keeps a server from being stopped. */
function readKnown<T>(schema: z.ZodType<T>, doc: unknown, what: string): T {
  const result = checkInput(schema, doc)
  if (result.ok) return result.value
  const [{ path, message }] = result.errors as [FieldProblem]
  throw new Unreadable(
    `${what}, as it is stored, cannot be read by this version: ${path}: ${message}. PUT it again, or DELETE it`,
  )
}

/** Whether an item holds a document: that of a deleted one holds its last change alone. */
export const hasDocument = (item: Item | undefined): item is Item => item?.doc !== undefined

interface Reading<T, S> {
  what: string
  schema: z.ZodType<T>
  /** What Curfew itself keeps beside it. */
  state: z.ZodObject & z.ZodType<S>
}

function readStored<T extends { id: string }, S>(item: Item, { what, schema, state }: Reading<T, S>): T & S {
  const id = keyId(item)
  const name = `${what} ${id}`
  const doc = isDocument(item.doc) ? withoutState(item.doc, state.shape) : item.doc
  const own = readKnown(schema, doc, name)
  if (own.id !== id) throw new Unreadable(`${name}, as it is stored, has the id "${own.id}". DELETE it`)
  return { ...own, ...readKnown<S>(state, item.doc, name) }
}

/** As they are stored. */
export const policyDoc = (policy: StoredPolicy): object =>
  withoutDefaults(withoutDefaults(policy, Policy), PolicyState)
export const connectionDoc = (connection: StoredConnection): object => withoutDefaults(connection, Connection)
export const settingsDoc = (settings: ChangedSettings): object => withoutDefaults(settings, Settings)

export const storedPolicy = (item: Item): StoredPolicy =>
  readStored(item, { what: 'policy', schema: Policy, state: PolicyState })
export const storedConnection = (item: Item): StoredConnection =>
  readStored(item, { what: 'connection', schema: Connection, state: Stamps })

export const storedChannel = (item: Item): StoredChannel =>
  readStored(item, { what: 'channel', schema: Channel, state: Stamps })

export const storedCalendar = (item: Item): StoredCalendar =>
  readStored(item, { what: 'calendar', schema: Calendar, state: CalendarState })

export const connectionFrom = (item: Item | undefined): StoredConnection | null =>
  hasDocument(item) ? storedConnection(item) : null

/** Settings that may leave prices unsaid. */
export type ChangedSettings = Omit<Settings, 'prices'> & Partial<Settings>

const DEFAULT_SETTINGS: Settings = { stopsEnabled: true, startsEnabled: true, prices: NO_PRICES }

/** Throws `Unreadable`: a switch that cannot be read is not taken to be on. */
export function settingsOf(item: Item | undefined): Settings {
  const result = checkInput(Settings, item ? item.doc : DEFAULT_SETTINGS)
  if (result.ok) return result.value
  const [{ path, message }] = result.errors as [FieldProblem]
  throw new Unreadable(
    `the settings, as they are stored, cannot be read: ${path}: ${message}. PUT them again`,
  )
}

/** Settings that may not be readable, to be replaced. */
export function keptSettings(item: Item | undefined): object {
  const doc = item ? item.doc : DEFAULT_SETTINGS
  return Settings.safeParse(doc).data ?? (isDocument(doc) ? doc : {})
}

/** The version of a document whose state cannot be read: its last change alone guards an edit of it. */
export const NO_VERSION = 0

/** The version that an edit replaces: `null` for none. */
export function versionIs(version: number | null) {
  if (version === NO_VERSION) return []
  return version === null ? [{ path: 'doc', absent: true as const }] : [{ path: 'doc.version', is: version }]
}

const NO_STAMPS: Stamps = { createdAt: '', updatedAt: '', version: NO_VERSION }
const NO_STATE: PolicyState = {
  ...NO_STAMPS,
  nextDueAt: null,
  nextStartDueAt: null,
  snoozedUntil: null,
  snoozeReason: null,
  snoozedAt: null,
}

function readKept<S extends Stamps>(item: Item, state: z.ZodType<S>, lost: S): KeptDocument<S> {
  const doc = isDocument(item.doc) ? item.doc : {}
  const parsed = state.safeParse(doc)
  const createdAt = Stamps.shape.createdAt.safeParse(doc.createdAt).data ?? new Date(0).toISOString()
  return { ...doc, ...(parsed.data ?? { ...lost, createdAt, updatedAt: createdAt }), id: keyId(item) }
}

/** Documents that may not be readable, to be replaced or removed. */
export const keptPolicy = (item: Item): KeptDocument<PolicyState> =>
  withDefaults(readKept(item, PolicyState, NO_STATE), Policy)
export const keptConnection = (item: Item): KeptDocument<Stamps> =>
  withDefaults(readKept(item, Stamps, NO_STAMPS), Connection)
export const keptChannel = (item: Item): KeptDocument<Stamps> =>
  withDefaults(readKept(item, Stamps, NO_STAMPS), Channel)
const NO_CALENDAR_STATE: CalendarState = { ...NO_STAMPS, ...newCalendarState(0) }
export const keptCalendar = (item: Item): KeptDocument<CalendarState> =>
  withDefaults(readKept(item, CalendarState, NO_CALENDAR_STATE), Calendar)

export const HEAD_FIELDS = [
  'doc.enabled',
  'doc.kind',
  'doc.connection',
  'doc.connections',
  'doc.notify',
  'doc.schedule.calendars',
]

/** The fields of a policy that tell which servers it is about, as far as even an unreadable one does. */
export interface PolicyHead {
  id: string
  enabled: unknown
  kind: unknown
  connections: string[]
  channels: string[]
  calendars: string[]
}

export function policyHead(item: Item): PolicyHead {
  const { enabled, kind, connection, connections, notify, schedule } = isDocument(item.doc) ? item.doc : {}
  const named = [connection, connections].flat().filter(one => typeof one === 'string')
  const channels = fieldOfEach(notify, 'channel')
  const calendars = fieldOfEach(isDocument(schedule) ? schedule.calendars : undefined, 'id')
  return { id: keyId(item), enabled, kind, connections: named, channels, calendars }
}

/** A field of each item of a list, where the list and its items are what they should be. */
const fieldOfEach = (list: unknown, name: string): string[] =>
  [list]
    .flat()
    .map(one => (isDocument(one) ? one[name] : undefined))
    .filter(value => typeof value === 'string')
