/** Writes to a terminal, or to whatever stands in its place. */
import type { Writable } from 'node:stream'
import { stripVTControlCharacters, styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'

export interface Screen {
  /** Columns that a line may have. */
  width: number
  /** Whether a block can be drawn over the one before. */
  live: boolean
  styled(style: Style, text: string): string
  print(...lines: string[]): void
  /** Draws these lines in the place of the last ones shown, as long as nothing was printed since. */
  update(lines: string[]): void
}

interface ScreenOptions {
  out: Writable & { isTTY?: boolean; columns?: number }
  env: Record<string, string | undefined>
}

const UNKNOWN_WIDTH = 100
const UP_AND_CLEAR = (lines: number) => `\u001b[${lines}F\u001b[0J`

/** A terminal, or whatever stands in its place: there no block is drawn over, and nothing is coloured. */
export function createScreen({ out, env }: ScreenOptions): Screen {
  const live = out.isTTY === true && env.TERM !== 'dumb'
  const coloured = live && !env.NO_COLOR
  let drawn = 0
  return {
    get width() {
      return Math.max(40, live ? (out.columns ?? UNKNOWN_WIDTH) : UNKNOWN_WIDTH)
    },
    live,
    styled: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
    print: (...lines) => {
      drawn = 0
      out.write(`${lines.join('\n')}\n`)
    },
    update: lines => {
      out.write(`${drawn > 0 ? UP_AND_CLEAR(drawn) : ''}${lines.join('\n')}\n`)
      drawn = lines.length
    },
  }
}

/** How many columns a text takes, its colours aside. */
export const columns = (text: string): number => stripVTControlCharacters(text).length

export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columns(text)))

/** Cut to a width, with a mark where something is missing. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`

/** Words on lines of at most `width` columns, each begun by `indent` blanks; a longer word has a line of its own. */
export function wrapped(text: string, { width, indent }: { width: number; indent: number }): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    const last = lines.at(-1)
    if (last !== undefined && columns(last) + 1 + columns(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(' '.repeat(indent) + word)
  }
  return lines
}

/** 1234 as `1,234`. */
export const count = (number: number): string => number.toLocaleString('en-US')

/** `4.2 s`, `3 min 20 s` */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`
}
