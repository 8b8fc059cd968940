/** What the commands share: where they show, and what the process exits with. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Terminal } from './screen/terminal.ts'

/** 0 done, 1 it failed, 2 it was called wrongly, 3 there is a difference and it was asked for. */
export type ExitCode = 0 | 1 | 2 | 3

export interface Session {
  terminal: Terminal
  code: ExitCode
}

export interface JsonOption {
  json?: true
}

/** A command's action, which gives what the process exits with. */
export const action =
  <A extends unknown[]>(session: Session, run: (...args: A) => Promise<ExitCode>) =>
  async (...args: A): Promise<void> => {
    session.code = await run(...args)
  }

export const withJson = (command: Command): Command =>
  command.option('--json', "the API's own answer, for programs")

/** Shows an answer to a program, or else to a person. */
export function showAnswer(
  { print }: Terminal,
  { json }: JsonOption,
  { raw, forPeople }: { raw: unknown; forPeople: () => void },
): void {
  if (json) print(JSON.stringify(raw, null, 2))
  else forPeople()
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`expected a whole number from 1 to 999999, got "${text}"`)
}

/** How many items of a list are shown. */
export const limitOption = (most: number): Option =>
  new Option('--limit <n>', 'how many at most').argParser(wholeNumber).default(most)
