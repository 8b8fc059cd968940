/** Shows what became of a run, and what is due next. */
import { ACTIONS } from '../../../lib/core/model/action.ts'
import type { OutcomeStatus } from '../../../lib/core/model/outcome.ts'
import type { ShownOutcome, ShownPolicy, ShownRun } from './api.ts'
import { count, cut, duration, padded, type Screen, type Style, wrapped } from './screen.ts'
import { clock, zoned } from './times.ts'

interface Reported {
  run: ShownRun
  outcomes: ShownOutcome[]
  screen: Screen
}

const STYLES: Record<OutcomeStatus, Style> = {
  stopped: 'green',
  started: 'green',
  skipped: 'yellow',
  failed: 'red',
  unconfirmed: 'red',
}
const ORDER: OutcomeStatus[] = ['stopped', 'started', 'failed', 'unconfirmed', 'skipped']
const MAX_FAILED = 20
const MAX_NAMES = 3
const MAX_DUE = 10

/** What became of a run: its outcomes counted by status and code, and the reasons of those that fell short. */
export function report({ run, outcomes, screen }: Reported): string[] {
  return [
    ...headline(run, screen),
    '',
    ...table(outcomes, screen),
    '',
    ...failures(run, outcomes, screen),
    ...skips(outcomes, screen),
  ]
}

function headline({ id, status, reason, startedAt, endedAt }: ShownRun, screen: Screen): string[] {
  const style = status === 'succeeded' ? 'green' : status === 'partial' ? 'yellow' : 'red'
  const took = startedAt && endedAt ? ` in ${duration(Date.parse(endedAt) - Date.parse(startedAt))}` : ''
  const why = reason === undefined ? [] : wrapped(reason, { width: screen.width, indent: 2 })
  return [`${screen.styled('bold', `Run ${id}: ${screen.styled(style, status)}`)}${took}`, ...why]
}

// --- the table ----------------------------------------------------------------------------------------------

interface Group {
  status: OutcomeStatus
  code: string
  outcomes: ShownOutcome[]
}

/** By status and code: what was done first, then by number. */
function groups(outcomes: ShownOutcome[]): Group[] {
  const byCode = Map.groupBy(outcomes, ({ status, code }) => `${status} ${code}`)
  const made = [...byCode.values()].map(group => ({
    status: group[0]!.status,
    code: group[0]!.code,
    outcomes: group,
  }))
  return made.toSorted(
    (a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || b.outcomes.length - a.outcomes.length,
  )
}

function table(outcomes: ShownOutcome[], screen: Screen): string[] {
  const made = groups(outcomes)
  const codeWidth = Math.max(4, ...made.map(({ code }) => code.length)) + 2
  const row = (status: string, code: string, number: string) =>
    `  ${padded(status, 13)}${padded(code, codeWidth)}${number.padStart(8)}`
  const rule = `  ${'─'.repeat(13 + codeWidth + 8)}`
  return [
    screen.styled('dim', row('outcome', 'code', 'servers')),
    screen.styled('dim', rule),
    ...made.map(group =>
      row(screen.styled(STYLES[group.status], group.status), group.code, count(group.outcomes.length)),
    ),
    screen.styled('dim', rule),
    row('matched', '', count(outcomes.length)),
  ]
}

const byName = (one: ShownOutcome, other: ShownOutcome): number => one.name.localeCompare(other.name)

// --- the exceptions -----------------------------------------------------------------------------------------

function failures(run: ShownRun, outcomes: ShownOutcome[], screen: Screen): string[] {
  const failed = outcomes.filter(({ status }) => status === 'failed' || status === 'unconfirmed')
  if (failed.length === 0) return []
  const zone = zoneOf(run)
  const rest = failed.length - MAX_FAILED
  return [
    screen.styled('bold', `Not ${ACTIONS[run.action].done}, times in ${zone}`),
    ...failed
      .toSorted(byName)
      .slice(0, MAX_FAILED)
      .flatMap(outcome => failure(outcome, { zone, screen })),
    ...(rest > 0 ? [`  and ${count(rest)} more`] : []),
    '',
  ]
}

function failure(outcome: ShownOutcome, { zone, screen }: { zone: string; screen: Screen }): string[] {
  const what = `${outcome.status} (${outcome.code})`
  const name = cut(outcome.name, Math.max(6, screen.width - what.length - 14))
  return [
    `  ${clock(outcome.endedAt, zone)}  ${name}  ${screen.styled(STYLES[outcome.status], what)}`,
    ...wrapped(outcome.reason, { width: screen.width, indent: 12 }),
  ]
}

function skips(outcomes: ShownOutcome[], screen: Screen): string[] {
  const skipped = groups(outcomes.filter(({ status }) => status === 'skipped'))
  if (skipped.length === 0) return []
  return [
    screen.styled('bold', 'Left alone'),
    ...skipped.flatMap(group => [
      ...wrapped(
        `${screen.styled('yellow', group.code)}, ${count(group.outcomes.length)}: ${reasons(group)}`,
        {
          width: screen.width,
          indent: 2,
        },
      ),
      ...wrapped(names(group), { width: screen.width, indent: 6 }),
    ]),
    '',
  ]
}

function reasons({ outcomes }: Group): string {
  const different = [...new Set(outcomes.map(({ reason }) => reason))]
  return different.length > 2
    ? `${different[0]}, and ${different.length - 1} other reasons`
    : different.join('; ')
}

function names({ outcomes }: Group): string {
  const rest = outcomes.length - MAX_NAMES
  const some = outcomes
    .toSorted(byName)
    .slice(0, MAX_NAMES)
    .map(({ name }) => name)
  return `${some.join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`
}

const zoneOf = ({ policy }: ShownRun): string => policy?.schedule?.timeZone ?? 'UTC'

// --- what next ----------------------------------------------------------------------------------------------

interface Further {
  url: string
  run: ShownRun
  /** Set where nobody answers by then: the command that takes the run back. */
  undoCommand: string | null
}

/** How to look further at a run, and how to take it back. */
export function furtherLooks({ url, run: { id, action, summary }, undoCommand }: Further): string[] {
  const undo = undoCommand ?? `curl -s -X POST '${url}/v1/runs/${id}/undo'`
  const back = action === 'stop' && summary.stopped > 0 ? [`To start again what it stopped:  ${undo}`] : []
  if (undoCommand !== null)
    return ['All of it is kept; without --once the API stays up to look further', ...back]
  return [
    'Look further',
    `  curl -s '${url}/v1/runs/${id}'`,
    `  curl -s '${url}/v1/runs/${id}/servers?status=failed'`,
    `  curl -s '${url}/v1/policies'`,
    ...back,
  ]
}

function stopWords({ enabled, nextDueAt, nextStopAt, schedule }: ShownPolicy): string {
  if (nextStopAt !== null) return zoned(nextStopAt, schedule.timeZone)
  if (!enabled) return 'disabled'
  return nextDueAt === null ? 'never' : 'held back: connection or stops are off'
}

/** Why it is not the next due time. */
function snoozeWords({ nextDueAt, nextStopAt, snoozedUntil }: ShownPolicy): string {
  return nextStopAt !== null && nextStopAt !== nextDueAt && snoozedUntil !== null ? ' (snoozed)' : ''
}

interface Due {
  title: string
  /** Those that do not act come last. */
  at: (policy: ShownPolicy) => string | null
  /** When, or why not. */
  words: (policy: ShownPolicy) => string
  note?: (policy: ShownPolicy) => string
}

function dueRows(policies: ShownPolicy[], { title, at, words, note }: Due, screen: Screen): string[] {
  const sorted = policies.toSorted((one, other) => (at(one) ?? '9999').localeCompare(at(other) ?? '9999'))
  const first = sorted.slice(0, MAX_DUE)
  const rest = policies.length - first.length
  const width = Math.max(0, ...first.map(({ id }) => id.length)) + 2
  const rows = first.map(policy =>
    cut(
      `  ${padded(words(policy), 42)}${padded(policy.id, width)}${policy.description}${note?.(policy) ?? ''}`,
      screen.width,
    ),
  )
  return [title, ...rows, ...(rest > 0 ? [`  and ${count(rest)} more`] : [])]
}

const STOPS: Due = {
  title: 'Next stops',
  at: ({ nextStopAt }) => nextStopAt,
  words: stopWords,
  note: snoozeWords,
}
const STARTS: Due = {
  title: 'Next starts',
  at: ({ nextStartAt }) => nextStartAt,
  words: ({ nextStartAt, schedule }) => zoned(nextStartAt!, schedule.timeZone),
}

/** Which policies stop something next, then which start something, each on the clock of its own zone. */
export function nextDue(policies: ShownPolicy[], screen: Screen): string[] {
  const starting = policies.filter(({ nextStartAt }) => nextStartAt !== null)
  return [
    ...dueRows(policies, STOPS, screen),
    ...(starting.length > 0 ? dueRows(starting, STARTS, screen) : []),
  ]
}
