/** A policy while it is edited: its JSON as typed, and the document that the form shows. Each follows the other. */
import { isJsonObject, type Json, type JsonObject, type JsonProblem, readJsonText } from './json-text.ts'

export interface Draft {
  /** As it was typed, whether or not it can be read. */
  text: string
  /** What `text` says; while it cannot be read, what it said before. */
  document: JsonObject
  problem: JsonProblem | null
}

/** What Curfew itself keeps beside a policy: it is no part of what is edited. */
const READ_ONLY = new Set([
  'createdAt',
  'updatedAt',
  'updatedBy',
  'version',
  'nextDueAt',
  'nextStartDueAt',
  'nextWarnAt',
  'nextStopAt',
  'nextStartAt',
  'snoozedUntil',
  'snoozeReason',
  'snoozedAt',
  'delays',
  'runUnderWay',
])

/** The fields of a policy that a person writes. */
export const editableFields = (policy: object): JsonObject =>
  Object.fromEntries(Object.entries(policy).filter(([name]) => !READ_ONLY.has(name)))

export const draftOf = (document: JsonObject): Draft => ({
  text: JSON.stringify(document, null, 2),
  document,
  problem: null,
})

/** After something was typed into the JSON. */
export function withText({ document }: Draft, text: string): Draft {
  const read = readJsonText(text)
  if ('problem' in read) return { text, document, problem: read.problem }
  if (isJsonObject(read.value)) return { text, document: read.value, problem: null }
  return { text, document, problem: { line: 1, column: 1, message: 'expected an object: { … }' } }
}

/** After a field of the form was changed; `undefined` takes it out. */
export function withField({ document }: Draft, path: string, value: Json | undefined): Draft {
  const other = value === undefined ? undefined : INSTEAD[path]
  const rest = other === undefined ? document : withValue(document, [other], undefined)
  return draftOf(withValue(rest, path.split('.'), value))
}
/** Fields of which a policy has one: the other goes. */
const INSTEAD: Record<string, string> = { connection: 'connections', connections: 'connection' }

export function valueAt(document: Json | undefined, path: string[]): Json | undefined {
  const [name, ...rest] = path
  if (name === undefined) return document
  return isJsonObject(document) && Object.hasOwn(document, name) ? valueAt(document[name], rest) : undefined
}

/** A document with another value at a path; what stands in the way of the path is replaced. */
export function withValue(document: JsonObject, path: string[], value: Json | undefined): JsonObject {
  const [name = '', ...rest] = path
  const inner = Object.hasOwn(document, name) ? document[name] : undefined
  const next = rest.length === 0 ? value : withValue(isJsonObject(inner) ? inner : {}, rest, value)
  if (next !== undefined) {
    const isThere = Object.hasOwn(document, name)
    const entries = Object.entries(document).map(([key, old]) => [key, key === name ? next : old] as const)
    return Object.fromEntries(isThere ? entries : [...entries, [name, next]])
  }
  return Object.fromEntries(Object.entries(document).filter(([key]) => key !== name))
}

/** Bare metal knows a hard stop alone. Consent to it is given by a person, and not carried over to other servers. */
export function withKind(draft: Draft, kind: string): Draft {
  const isMetal = kind === 'bms'
  const changes: [string, Json | undefined][] = [
    ['kind', kind],
    ['mode', isMetal ? 'hard' : 'soft'],
    ['acceptPowerCut', false],
    ...(isMetal ? [['escalateAfterMinutes', null] as [string, Json]] : []),
  ]
  return changes.reduce((next, [path, value]) => withField(next, path, value), draft)
}

/** A policy from nothing: every field that has a default says it. */
export const newPolicy = (connection: string, timeZone: string): JsonObject => ({
  id: '',
  description: '',
  enabled: true,
  connection,
  kind: 'ecs',
  schedule: { cron: '0 20 * * 1-5', timeZone, skipDates: [], calendars: [], catchUpMinutes: 60 },
  start: null,
  warn: null,
  selector: {},
  exclude: {},
  mode: 'soft',
  acceptPowerCut: false,
  escalateAfterMinutes: null,
  limits: { maxServers: null, maxPercent: null, historyFactor: 3 },
  haltShare: 0.1,
  webhook: null,
  notify: [],
  managedBy: null,
})

/** A start as it is switched on: in the morning of the days of the stop, where these are plain. */
export function newStart(stopCron: Json | undefined): JsonObject {
  const days = typeof stopCron === 'string' ? stopCron.trim().split(/\s+/).slice(2).join(' ') : ''
  return {
    cron: `0 7 ${days === '' ? '* * 1-5' : days}`,
    servers: 'stopped',
    catchUpMinutes: 240,
    retryMinutes: 120,
  }
}
