/** `delay`: lets one due stop of a policy come later, once. */
import type { Command } from 'commander'
import { PolicyDocument, RequestInstant } from '../../lib/http/schemas/schemas.ts'
import { createApi, pathOf } from '../api.ts'
import { CalledWrongly } from '../authorize.ts'
import type { Terminal } from '../screen/terminal.ts'
import { shownAt } from '../screen/times.ts'
import { action, type ExitCode, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'

interface DelayOptions extends JsonOption {
  minutes: string
  reason: string
  due?: string
}

export function addDelay(program: Command, session: Session): void {
  withJson(program.command('delay').argument('<policy>', 'the id of a policy'))
    .description('lets the next stop of a policy come later, once; the others stay as they are')
    .requiredOption('--minutes <n>', 'how much later, from 1 to 720')
    .requiredOption('--reason <text>', 'why')
    .option('--due <instant>', 'another stop than the next one, by when it is due')
    .action(
      action(session, (policy: string, options: DelayOptions) =>
        delayStop(policy, options, session.terminal),
      ),
    )
}

/** Throws `CalledWrongly`. */
function minutesFrom(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new CalledWrongly(`--minutes: expected a number from 1 to 720, got "${text}"`)
}

/** Throws `CalledWrongly`. */
function dueFrom(text: string): string {
  const instant = RequestInstant.safeParse(text)
  if (instant.success) return instant.data
  throw new CalledWrongly(`--due: expected an instant such as 2026-11-21T20:00:00+08:00, got "${text}"`)
}

async function delayStop(id: string, options: DelayOptions, terminal: Terminal): Promise<ExitCode> {
  const minutes = minutesFrom(options.minutes)
  const due = options.due && dueFrom(options.due)
  const api = createApi(terminal)
  const path = pathOf('/v1/policies', id)
  const { nextStopAt, schedule } = (await api.get(PolicyDocument, path)).value
  const dueAt = due ?? nextStopAt
  if (!dueAt) throw new Error(`Policy ${id} has no stop to come: npx curfew preview ${id} says why`)
  const body = { dueAt, minutes, reason: options.reason }
  const { value, raw } = await api.post(PolicyDocument, `${path}/delay`, { body })
  const forPeople = () => {
    const was = shownAt(dueAt, schedule.timeZone)
    terminal.print(`the stop of ${id} due ${was} comes ${minutes} minutes later: ${options.reason}`)
    terminal.print(`next stop ${shownAt(value.nextStopAt, schedule.timeZone, 'none')}`)
  }
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}
