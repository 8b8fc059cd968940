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

/** What became of a run: its outcomes counted by status and code, and the reasons of those that were not stopped. */
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

/** By status and code: stopped ones first, then by number. */
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
    screen.styled('bold', `Not stopped, times in ${zone}`),
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

/** How to look further at a run; `once`: nobody answers by then. */
export function furtherLooks(url: string, { runId, once }: { runId: string; once: boolean }): string[] {
  if (once) return ['All of it is kept; without --once the API stays up to look further']
  return [
    'Look further',
    `  curl -s '${url}/v1/runs/${runId}'`,
    `  curl -s '${url}/v1/runs/${runId}/servers?status=failed'`,
    `  curl -s '${url}/v1/policies'`,
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

/** In order of what acts first; those that do not act last. */
const byStop = (one: ShownPolicy, other: ShownPolicy): number =>
  (one.nextStopAt ?? '9999').localeCompare(other.nextStopAt ?? '9999')

/** Which policies stop something next, each on the clock of its own zone. */
export function nextDue(policies: ShownPolicy[], screen: Screen): string[] {
  const first = policies.toSorted(byStop).slice(0, MAX_DUE)
  const rest = policies.length - first.length
  const width = Math.max(0, ...first.map(({ id }) => id.length)) + 2
  const rows = first.map(policy =>
    cut(
      `  ${padded(stopWords(policy), 42)}${padded(policy.id, width)}${policy.description}${snoozeWords(policy)}`,
      screen.width,
    ),
  )
  return ['Next stops', ...rows, ...(rest > 0 ? [`  and ${count(rest)} more`] : [])]
}
