/** Runs, and what became of their servers, as tables. */
import type * as z from 'zod'
import { ACTIONS } from '../../lib/core/model/action.ts'
import type { Outcome } from '../../lib/core/model/outcome.ts'
import type { RunDocument } from '../../lib/http/schemas/run-schemas.ts'
import { type Column, tableLines, wrapped } from '../screen/table.ts'
import type { Style, Terminal } from '../screen/terminal.ts'
import { shownAt, shownWall } from '../screen/times.ts'

export type ShownRun = z.infer<typeof RunDocument>

const RUN_STYLES: Record<ShownRun['status'], Style | undefined> = {
  pending: undefined,
  running: undefined,
  succeeded: 'green',
  partial: 'yellow',
  cancelled: 'yellow',
  missed: 'yellow',
  failed: 'red',
  blocked: 'red',
}
const OUTCOME_STYLES: Record<Outcome['status'], Style> = {
  stopped: 'green',
  started: 'green',
  skipped: 'yellow',
  failed: 'red',
  unconfirmed: 'red',
}

const doneCount = ({ action, summary }: ShownRun): number => summary[ACTIONS[action].done]

const STATUS: Column<ShownRun> = {
  title: 'STATUS',
  text: ({ status }) => status,
  style: ({ status }) => RUN_STYLES[status],
}
const DONE: Column<ShownRun> = {
  title: 'DONE',
  text: run => `${doneCount(run)} of ${run.summary.targets}`,
  isNumber: true,
}
const badCount = ({ summary }: ShownRun): number => summary.failed + summary.unconfirmed
const BAD: Column<ShownRun> = {
  title: 'BAD',
  text: run => String(badCount(run)),
  style: run => (badCount(run) > 0 ? 'red' : undefined),
  isNumber: true,
}
const REASON: Column<ShownRun> = { title: 'REASON', text: ({ reason = '' }) => reason, isCut: true }

export const runTable = (runs: ShownRun[], terminal: Terminal): string[] =>
  tableLines(
    runs,
    [
      { title: 'RUN', text: ({ id }) => id },
      STATUS,
      { title: 'DOES', text: ({ action, dryRun }) => (dryRun ? `${action}, dry` : action), leaves: 2 },
      { title: `DUE (${terminal.timeZone})`, text: ({ dueAt }) => shownWall(dueAt, terminal.timeZone) },
      { ...DONE, leaves: 1 },
      BAD,
      { ...REASON, leaves: 3 },
    ],
    terminal,
  )

/** The runs of one request, a line for each connection: their ids are alike but for that. */
export const connectionTable = (runs: ShownRun[], terminal: Terminal): string[] =>
  tableLines(
    runs,
    [
      { title: 'CONNECTION', text: ({ connection }) => connection },
      STATUS,
      { ...DONE, leaves: 1 },
      BAD,
      { ...REASON, leaves: 2 },
    ],
    terminal,
  )

export const outcomeTable = (outcomes: Outcome[], terminal: Terminal): string[] =>
  tableLines(
    outcomes,
    [
      { title: 'SERVER', text: ({ name }) => name, isCut: true },
      { title: 'ID', text: ({ serverId }) => serverId },
      { title: 'STATUS', text: ({ status }) => status, style: ({ status }) => OUTCOME_STYLES[status] },
      { title: 'CODE', text: ({ code }) => code },
      { title: 'REASON', text: ({ reason }) => reason, isCut: true, leaves: 1 },
    ],
    terminal,
  )

/** A run in a few lines: what it is, how it stands, and why. */
export function runLines(run: ShownRun, terminal: Terminal): string[] {
  const { timeZone, styled, width } = terminal
  const { id, status, action, policyId, connection, kind, actor, reason, dryRun } = run
  const style = RUN_STYLES[status]
  const what = `${dryRun ? 'dry run: ' : ''}${action} of ${kind} in ${connection}`
  const whose = policyId ? `policy ${policyId}` : 'no policy'
  const facts = [
    `${what}, ${whose}, ${run.trigger}${actor ? ` by ${actor}` : ''}`,
    `due ${shownAt(run.dueAt, timeZone)}${run.endedAt ? `, ended ${shownAt(run.endedAt, timeZone)}` : ''}`,
    ...(run.undoes ? [`undoes ${run.undoes}`] : []),
    ...(reason ? [reason] : []),
  ]
  return [
    ...wrapped(`Run ${id}: ${status}`, width).map(line => (style ? styled(style, line) : line)),
    ...facts.flatMap(fact => wrapped(fact, width === null ? null : width - 2).map(line => `  ${line}`)),
  ]
}

function addCodes(runs: Pick<ShownRun, 'codes'>[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { codes } of runs)
    for (const [key, count] of Object.entries(codes)) sums.set(key, (sums.get(key) ?? 0) + count)
  return sums
}

/** How many servers came to each end, over all runs. */
export const codeTable = (runs: Pick<ShownRun, 'codes'>[], terminal: Terminal): string[] =>
  tableLines(
    [...addCodes(runs)].toSorted(([, one], [, other]) => other - one),
    [
      {
        title: 'OUTCOME',
        text: ([key]) => key.split('/')[0] ?? '',
        style: ([key]) => OUTCOME_STYLES[key.split('/')[0] as Outcome['status']],
      },
      { title: 'CODE', text: ([key]) => key.split('/')[1] ?? '' },
      { title: 'SERVERS', text: ([, count]) => String(count), isNumber: true },
    ],
    terminal,
  )

/** How far a run is, on one line. */
export function progressLine(run: ShownRun): string {
  const { id, status, summary } = run
  const bad = badCount(run)
  const settled = summary.targets - summary.waiting
  return `${id}: ${status}, ${settled} of ${summary.targets} settled${bad > 0 ? `, ${bad} bad` : ''}`
}
