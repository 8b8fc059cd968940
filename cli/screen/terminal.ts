/** Where a command writes, and asks questions. */
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { styleText } from 'node:util'
import { printableLines } from '../../lib/core/model/printable.ts'
import type { Variables } from '../authorize.ts'

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red'

export interface Terminal {
  env: Variables
  /** Texts of others in it cannot act on the terminal. */
  print(text: string): void
  complain(text: string): void
  /** A line with styles: its maker has made texts of others in it printable. */
  write(line: string): void
  styled(style: Style, text: string): string
  /** In columns; `null`: it is no terminal, and lines may be as long as they are. */
  width: number | null
  /** `null`: there is no person to answer. */
  ask: ((question: string) => Promise<string>) | null
  /** Shows a line in the place of the one before, an empty one to take it away; `null`: it is no terminal. */
  progress: ((line: string) => void) | null
  now(): number
  timeZone: string
  pause(ms: number): Promise<void>
  /** Ends what waits. */
  ended: AbortSignal
}

async function answerTo(question: string, ended: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  const hungUp = once(reader, 'close', { signal: ended }).then(() => '')
  try {
    return (await Promise.race([reader.question(question, { signal: ended }), hungUp])).trim()
  } finally {
    hungUp.catch(() => {})
    reader.close()
  }
}

const CLEAR_LINE = '\r\u001b[2K'

/** The terminal of this process. */
export function processTerminal(ended: AbortSignal): Terminal {
  const { stdin, stdout, stderr, env } = process
  const hasColors = stdout.isTTY === true && stdout.hasColors()
  return {
    env,
    ended,
    print: text => console.log(printableLines(text)),
    complain: text => console.error(printableLines(text)),
    write: line => console.log(line),
    styled: (style, text) => (hasColors ? styleText(style, text, { validateStream: false }) : text),
    // A terminal that nobody has told its size says 0.
    width: (stdout.isTTY && stdout.columns) || null,
    ask: stdin.isTTY && stderr.isTTY ? question => answerTo(printableLines(question), ended) : null,
    progress: stderr.isTTY ? line => void stderr.write(`${CLEAR_LINE}${printableLines(line)}`) : null,
    now: () => Date.now(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    pause: ms => wait(ms, undefined, { signal: ended }).catch(() => {}),
  }
}
