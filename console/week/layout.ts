/** Where instants stand on a week: an hour is equally wide everywhere, so a day is as wide as it is long. */
import type { Run, WeekItem } from '../api/types.ts'

const HOUR_MS = 3_600_000

/** What a row of the chart shows from its left to its right edge. */
export interface Axis {
  fromMs: number
  toMs: number
  /** What the full width stands for: the longest of all axes, so that their hours are equally wide. */
  lengthMs: number
}

/** A piece of a row, in shares of the full width. */
interface Piece {
  x: number
  width: number
}

export interface DayColumn extends Piece {
  date: string
  hours: number
}

/** A stop or a start, due or carried out: what one can point at. */
export interface Moment {
  key: string
  at: string
  x: number
  action: Run['action']
  /** On the clock of the row's zone, with its offset, where the API says it. */
  local: string | null
  /** Whether the schedule or a run at its due time put it there; a run by hand stands for itself. */
  isDue: boolean
  skippedBecause: string | null
  runId: string | null
  run: Run | null
}

export interface RowLayout {
  days: DayColumn[]
  skipped: (Piece & { reason: string })[]
  snooze: (Piece & { reason: string | null; until: string }) | null
  off: (Piece & { from: string; to: string; isPast: boolean })[]
  moments: Moment[]
}

type Days = WeekItem['days']

const spanMs = (days: Days): number =>
  days.length === 0 ? 0 : Date.parse(days[days.length - 1]!.to) - Date.parse(days[0]!.from)

/** The axes of rows, by their zones: rows of one zone have the same days. */
export function axesOf(items: WeekItem[]): Map<string, Axis> {
  const lengthMs = Math.max(HOUR_MS, ...items.map(({ days }) => spanMs(days)))
  return new Map(
    items.flatMap(({ timeZone, days }) =>
      days.length === 0
        ? []
        : [
            [
              timeZone,
              {
                fromMs: Date.parse(days[0]!.from),
                toMs: Date.parse(days[days.length - 1]!.to),
                lengthMs,
              },
            ] as const,
          ],
    ),
  )
}

/** The share of the full width that lies before an instant. */
export const placeOfInstant = ({ fromMs, lengthMs }: Axis, atMs: number): number => (atMs - fromMs) / lengthMs

/** The instant that stands at a share of the full width; beyond the last day the end of that. */
export const instantAt = ({ fromMs, toMs, lengthMs }: Axis, x: number): number =>
  Math.min(toMs, Math.max(fromMs, fromMs + x * lengthMs))

export const isOnAxis = ({ fromMs, toMs }: Axis, atMs: number): boolean => atMs >= fromMs && atMs < toMs

/** What of a span lies on the axis; `null`: nothing. */
function clipSpan(axis: Axis, fromMs: number, toMs: number): Piece | null {
  const from = Math.max(axis.fromMs, fromMs)
  const to = Math.min(axis.toMs, toMs)
  return to <= from ? null : { x: placeOfInstant(axis, from), width: (to - from) / axis.lengthMs }
}

export const dayColumns = (days: Days, axis: Axis): DayColumn[] =>
  days.map(({ date, from, to }) => {
    const lengthMs = Date.parse(to) - Date.parse(from)
    return {
      date,
      hours: lengthMs / HOUR_MS,
      x: placeOfInstant(axis, Date.parse(from)),
      width: lengthMs / axis.lengthMs,
    }
  })

/** An off-window, parted where the present cuts it: what was is not what will be. */
function offPieces({ from, to }: { from: string; to: string }, axis: Axis, now: number): RowLayout['off'] {
  const start = Date.parse(from)
  const end = Date.parse(to)
  const cut = Math.min(end, Math.max(start, now))
  const past = clipSpan(axis, start, cut)
  const future = clipSpan(axis, cut, end)
  return [
    ...(past ? [{ ...past, from, to, isPast: true }] : []),
    ...(future ? [{ ...future, from, to, isPast: false }] : []),
  ]
}

/** The stops and starts of a row in their order: a mark with the run it led to, and runs by hand that acted. */
function momentsOf({ marks, runs }: WeekItem, axis: Axis): Moment[] {
  const byId = new Map(runs.map(run => [run.id, run]))
  const marked = marks.map(mark => ({
    key: `${mark.at} ${mark.action} ${mark.runId ?? ''}`,
    ...mark,
    x: placeOfInstant(axis, Date.parse(mark.at)),
    isDue: true,
    run: mark.runId === null ? null : (byId.get(mark.runId) ?? null),
  }))
  const known = new Set(marks.map(({ runId }) => runId))
  const others = runs
    // A dry run that ended well would hide a stop that did not.
    .filter(({ id, dryRun }) => !dryRun && !known.has(id))
    .map(run => ({
      key: run.id,
      at: run.dueAt,
      x: placeOfInstant(axis, Date.parse(run.dueAt)),
      action: run.action,
      local: null,
      isDue: run.trigger === 'schedule',
      skippedBecause: null,
      runId: run.id,
      run,
    }))
  return [...marked, ...others]
    .filter(({ at }) => isOnAxis(axis, Date.parse(at)))
    .sort((one, other) => one.x - other.x)
}

/** Everything of a row, placed. */
export function layoutRow(item: WeekItem, axis: Axis, now: number): RowLayout {
  const { days, off, snooze } = item
  // Where its beginning is not kept, only the present and what follows is known to be snoozed.
  const snoozedFrom = snooze?.from ? Date.parse(snooze.from) : now
  const snoozed = snooze && clipSpan(axis, snoozedFrom, Date.parse(snooze.until))
  return {
    days: dayColumns(days, axis),
    skipped: days.flatMap(({ from, to, skippedBecause }) => {
      const piece = skippedBecause === null ? null : clipSpan(axis, Date.parse(from), Date.parse(to))
      return piece ? [{ ...piece, reason: skippedBecause! }] : []
    }),
    snooze: snoozed ? { ...snoozed, reason: snooze.reason, until: snooze.until } : null,
    off: off.flatMap(window => offPieces(window, axis, now)),
    moments: momentsOf(item, axis),
  }
}

export interface ZoneGroup {
  timeZone: string
  items: WeekItem[]
}

/** Rows by their zones, in the order in which they came. */
export function groupByZone(items: WeekItem[]): ZoneGroup[] {
  const groups = new Map<string, WeekItem[]>()
  for (const item of items) groups.set(item.timeZone, [...(groups.get(item.timeZone) ?? []), item])
  return [...groups].map(([timeZone, rows]) => ({ timeZone, items: rows }))
}

/** One stop or start of one policy. */
export interface Entry {
  item: WeekItem
  moment: Moment
}

/** So many of one policy stand by themselves in a day. */
const MAX_SINGLE = 4

/** Entries in their order, each by itself; those of a policy that has many in one bundle, where its first stands. */
export function bundleEntries(entries: Entry[]): Entry[][] {
  const byPolicy = Map.groupBy(entries, ({ item }) => item.policyId)
  return entries.flatMap(entry => {
    const own = byPolicy.get(entry.item.policyId)!
    if (own.length <= MAX_SINGLE) return [[entry]]
    return own[0] === entry ? [own] : []
  })
}
