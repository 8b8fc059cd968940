#!/usr/bin/env node
/** `npx curfew COMMAND`: each command is a file beside this one. */
import { printableLines } from '../lib/core/model/printable.ts'
import type { Variables } from './authorize.ts'
import { command as policies } from './command.ts'
import { serveConsole } from './console.ts'

interface Surroundings {
  env: Variables
  print: (text: string) => void
  complain: (text: string) => void
  /** Ends what runs until it is told to. */
  ended: AbortSignal
}

type Command = (args: string[], surroundings: Surroundings) => Promise<number>

const COMMANDS: Record<string, Command> = { console: serveConsole, policies }

const USAGE = `Usage: npx curfew COMMAND

  console [--port N]              the console on this machine, for the Curfew that CURFEW_URL names
  policies diff FILE…             what would change so that policies are as in files
  policies apply FILE… [--prune]  changes it

CURFEW_URL says where Curfew is, http://127.0.0.1:3000 unless set. Requests bear the token in CURFEW_TOKEN, or on
this machine that of .curfew/token; elsewhere they are signed for IAM without one.`

/** Runs a command; gives what the process exits with: 0 done, 1 it failed, 2 it was called wrongly. */
async function run([name = '', ...args]: string[], surroundings: Surroundings): Promise<number> {
  const { print, complain } = surroundings
  if (/^(--help|-h|help)$/.test(name)) {
    print(USAGE)
    return 0
  }
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name]!(args, surroundings)
  const came = name === '' ? 'Expected a command' : `There is no command "${name}"`
  complain(`${came}: expected one of ${Object.keys(COMMANDS).join(', ')}.\n\n${USAGE}`)
  return 2
}

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort())

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  print: text => console.log(printableLines(text)),
  complain: text => console.error(printableLines(text)),
  ended: ended.signal,
})
