/** `next`: what comes, what goes on, and what needs a person. */
import type { Command } from 'commander'
import type * as z from 'zod'
import { Now } from '../../lib/http/schemas/overview-schemas.ts'
import { createApi } from '../api.ts'
import { tableLines, wrapped } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { shownAt, shownIn } from '../screen/times.ts'
import { action, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'
import { runTable } from './run-table.ts'

type ShownNow = z.infer<typeof Now>

export function addNext(program: Command, session: Session): void {
  withJson(program.command('next'))
    .description('the next stops and starts, what goes on, and what needs a person')
    .action(
      action(session, async (options: JsonOption) => {
        const { terminal } = session
        const { value, raw } = await createApi(terminal).get(Now, '/v1/now')
        showAnswer(terminal, options, { raw, forPeople: () => show(value, terminal) })
        return 0
      }),
    )
}

function show(now: ShownNow, terminal: Terminal): void {
  const { write, print, styled } = terminal
  const title = (text: string) => write(`\n${styled('bold', text)}`)
  if (!now.stopsEnabled) write(styled('yellow', 'Stops are switched off: nothing is stopped by anyone.'))
  if (!now.startsEnabled) write(styled('yellow', 'Starts are switched off: nothing is started by anyone.'))
  if (now.next.length === 0) print('No policy will act.')
  else for (const line of nextTable(now, terminal)) write(line)
  if (now.nextKnownUntil !== null)
    print(`What is due after ${shownAt(now.nextKnownUntil, terminal.timeZone)} was not looked at.`)
  if (now.snoozed.length > 0) title('Snoozed')
  for (const { policyId, snoozedUntil, snoozeReason } of now.snoozed)
    print(
      `${policyId} until ${shownAt(snoozedUntil, terminal.timeZone)}: ${snoozeReason ?? 'no reason given'}`,
    )
  if (now.underWay.length > 0) title('Under way')
  showUnderWay(now, terminal)
  if (now.attention.length > 0) title('Needs a person')
  showAttention(now, terminal)
}

/** The answer holds so many at most. */
const MOST = { underWay: 50, attention: 100 }

function showUnderWay({ underWay }: ShownNow, terminal: Terminal): void {
  if (underWay.length > 0) for (const line of runTable(underWay, terminal)) terminal.write(line)
  if (underWay.length === MOST.underWay)
    terminal.print('There may be more: npx curfew runs --status pending running --limit 1000')
}

function showAttention({ attention }: ShownNow, { write, print, styled, width }: Terminal): void {
  for (const { code, message, runId } of attention)
    for (const line of wrapped(`${code}: ${message}${runId ? ` (run ${runId})` : ''}`, width))
      write(styled('yellow', line))
  if (attention.length === MOST.attention)
    print('There may be more: npx curfew runs --bad --since 7d --limit 1000')
}

const nextTable = ({ next, at }: ShownNow, terminal: Terminal): string[] =>
  tableLines(
    next,
    [
      { title: 'WHEN', text: ({ local }) => local },
      { title: 'IN', text: one => shownIn(one.at, Date.parse(at)) },
      { title: 'DOES', text: one => (one.mode === 'hard' ? `${one.action}, hard` : one.action) },
      { title: 'POLICY', text: ({ policyId }) => policyId },
      {
        title: 'OF',
        text: ({ connection, connections = [], kind }) => `${connection ?? connections.join(' ')}, ${kind}`,
        leaves: 2,
      },
      { title: 'BACK AT', text: ({ returnsLocal }) => returnsLocal ?? '', leaves: 1 },
    ],
    terminal,
  )
