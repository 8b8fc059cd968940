/** All commands, and what the process exits with. */
import { Command, CommanderError } from 'commander'
import { CalledWrongly, curfewUrl } from './authorize.ts'
import { addActs, addUndo } from './commands/act.ts'
import { addAnyRequest } from './commands/any-request.ts'
import { addCompletion } from './commands/completion.ts'
import { addCoverage } from './commands/coverage.ts'
import { addDelay } from './commands/delay.ts'
import { addConnections, addPolicies } from './commands/documents.ts'
import { addFiles } from './commands/files.ts'
import { addLocal } from './commands/local.ts'
import { addNext } from './commands/next.ts'
import { addPreview } from './commands/preview.ts'
import { addRun, addRuns } from './commands/runs.ts'
import { addSavings } from './commands/savings.ts'
import { addServers } from './commands/servers.ts'
import { addSnooze } from './commands/snooze.ts'
import { addToken } from './commands/token.ts'
import { addWhy } from './commands/why.ts'
import type { Terminal } from './screen/terminal.ts'
import { adviceFor, Refused } from './send.ts'
import { action, type ExitCode, type Session } from './session.ts'

const ABOUT = `CURFEW_URL says where Curfew is, http://127.0.0.1:3000 unless set. Requests bear the token in CURFEW_TOKEN, or on
this machine that of .curfew/token; elsewhere they are signed for IAM without one.
Exits with 0: done, 1: it failed, 2: it was called wrongly, 3: diff --exit-code found a difference. Colours: only on a
terminal, and not with NO_COLOR.`

/** Runs a command. */
export async function runCommand(args: string[], terminal: Terminal): Promise<ExitCode> {
  const session: Session = { terminal, code: 0 }
  try {
    await createProgram(session).parseAsync(args, { from: 'user' })
    return session.code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return explainError(error, terminal)
  }
}

function createProgram(session: Session): Command {
  const { terminal } = session
  const { print, complain, width } = terminal
  const program = new Command('npx curfew')
    .description('Curfew from a terminal: scheduled, verified stops and starts of servers')
    .addHelpText('after', `\n${ABOUT}`)
    .configureOutput({
      writeOut: text => print(text.trimEnd()),
      writeErr: text => complain(text.trimEnd()),
      getOutHelpWidth: () => width ?? 100,
      getErrHelpWidth: () => width ?? 100,
    })
    .showHelpAfterError()
    // `savings reconcile` has options of the names that `savings` has.
    .enablePositionalOptions()
    .exitOverride()
  for (const add of [
    addNext,
    addRuns,
    addRun,
    addWhy,
    addServers,
    addCoverage,
    addSavings,
    addPreview,
    addActs,
    addUndo,
    addSnooze,
    addDelay,
    addFiles,
    addPolicies,
    addConnections,
    addToken,
    addLocal,
    addAnyRequest,
  ])
    add(program, session)
  addConsole(program, session)
  addMcp(program, session)
  addCompletion(program, session)
  return program
}

function addConsole(program: Command, session: Session): void {
  program
    .command('console')
    .description('serves the console on this machine, for the Curfew that CURFEW_URL names, until Ctrl-C')
    .option('--port <n>', 'where it listens (default: a free port)')
    .action(
      action(session, async ({ port }: { port?: string }) => {
        // It brings the builder of the console with it, which other commands need not wait for.
        const { serveConsole } = await import('./console.ts')
        return (await serveConsole(port === undefined ? [] : ['--port', port], session.terminal)) as ExitCode
      }),
    )
}

function addMcp(program: Command, session: Session): void {
  program
    .command('mcp')
    .description(
      'serves tools to a program that speaks the Model Context Protocol, over its input and output',
    )
    .action(
      action(session, async () => {
        // It brings the SDK with it, which other commands need not wait for.
        const { serveMcp } = await import('./mcp/server.ts')
        await serveMcp(session.terminal)
        return 0
      }),
    )
}

function explainError(error: unknown, terminal: Terminal): ExitCode {
  const { complain, env, ended } = terminal
  if (ended.aborted) return 1
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof CalledWrongly) {
    complain(message)
    return 2
  }
  complain(error instanceof Refused ? error.detail : message)
  if (error instanceof Refused && error.errors.length > 1)
    for (const { path, message: wrong } of error.errors) complain(`  ${path}: ${wrong}`)
  for (const advice of adviceFor(error, curfewUrl(env), env)) complain(advice)
  return 1
}
