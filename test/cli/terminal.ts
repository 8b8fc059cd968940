/** A terminal of tests: what is shown on it, and who answers. */
import { runCommand } from '../../cli/program.ts'
import type { Terminal } from '../../cli/screen/terminal.ts'
import { printableLines } from '../../lib/core/model/printable.ts'

export interface TypedOptions
  extends Partial<Pick<Terminal, 'width' | 'now' | 'timeZone' | 'styled' | 'pause' | 'ended'>> {
  env?: Record<string, string>
  /** Answers to questions, in order; absent: nobody can be asked. */
  answers?: string[]
}

export interface Shown {
  code: number
  /** Standard output, and standard error. */
  out: string
  err: string
  /** The lines that stood where progress is shown. */
  progress: string[]
}

/** Runs a command on such a terminal. */
export async function typed(
  args: string[],
  { env = {}, answers, ...options }: TypedOptions = {},
): Promise<Shown> {
  const shown = { out: [] as string[], err: [] as string[], progress: [] as string[] }
  const left = [...(answers ?? [])]
  const ask = async (question: string) => {
    shown.err.push(question)
    return left.shift() ?? ''
  }
  const terminal: Terminal = {
    env,
    print: text => void shown.out.push(printableLines(text)),
    complain: text => void shown.err.push(printableLines(text)),
    write: line => void shown.out.push(line),
    styled: (_, text) => text,
    width: 80,
    ask: answers ? ask : null,
    progress: line => void shown.progress.push(line),
    now: () => Date.now(),
    timeZone: 'UTC',
    pause: async () => {},
    ended: new AbortController().signal,
    ...options,
  }
  const code = await runCommand(args, terminal)
  return { code, out: shown.out.join('\n'), err: shown.err.join('\n'), progress: shown.progress }
}
