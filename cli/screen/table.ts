/** Tables that fit a terminal. */
import stringWidth from 'string-width'
import { printable } from '../../lib/core/model/printable.ts'
import type { Style, Terminal } from './terminal.ts'

export interface Column<R> {
  title: string
  text: (row: R) => string
  style?: (row: R) => Style | undefined
  isNumber?: true
  /** It may be cut where there is no room. Others hold what is copied, such as ids. */
  isCut?: true
  /** It is left out where there is no room: that of the highest number first. */
  leaves?: number
}

const GAP = '  '
const MIN_CUT_WIDTH = 12

/** The beginning of a text that is at most so many columns wide. */
function cutTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let cut = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(cut + segment) > width - 1) break
    cut += segment
  }
  return `${cut}…`
}

const pad = (text: string, width: number, isNumber?: true): string => {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return isNumber ? space + text : text + space
}

/** A text in lines of at most so many columns; a word that is longer stays whole. */
export function wrapped(text: string, width: number | null, indent = ''): string[] {
  const lines: string[] = []
  for (const word of printable(text).split(' ')) {
    const longer = lines.length === 0 ? null : `${lines.at(-1)} ${word}`
    if (longer !== null && (width === null || stringWidth(longer) <= width)) lines[lines.length - 1] = longer
    else lines.push(indent + word)
  }
  return lines
}

/** Widths of the columns within the room; `null`: they do not fit. */
function widthsWithin(natural: number[], room: number | null, isCut: boolean[]): number[] | null {
  if (room === null) return natural
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, (widths.length - 1) * GAP.length) - room
  while (excess > 0) {
    const widest = Math.max(...widths.filter((_, place) => isCut[place]))
    if (!(widest > MIN_CUT_WIDTH)) return null
    widths[widths.findIndex((width, place) => isCut[place] && width === widest)]!--
    excess--
  }
  return widths
}

/** A line for each row below the titles; where they do not fit, each row as lines of its own. */
export function tableLines<R>(rows: R[], columns: Column<R>[], terminal: Terminal): string[] {
  const texts = rows.map(row => columns.map(({ text }) => printable(text(row))))
  const natural = columns.map(({ title }, place) =>
    Math.max(stringWidth(title), ...texts.map(cells => stringWidth(cells[place]!))),
  )
  const isCut = columns.map(column => column.isCut === true)
  const widths = widthsWithin(natural, terminal.width, isCut)
  if (widths === null) {
    const left = withoutOne(columns)
    return left ? tableLines(rows, left, terminal) : stackedLines({ rows, texts, columns }, terminal)
  }
  const line = (cells: string[], styles: (Style | undefined)[]) =>
    cells
      .map((cell, place) => {
        const padded = pad(cutTo(cell, widths[place]!), widths[place]!, columns[place]!.isNumber)
        return styles[place] ? terminal.styled(styles[place], padded) : padded
      })
      .join(GAP)
      .trimEnd()
  const titles = columns.map(({ title }) => title)
  return [
    line(
      titles,
      titles.map(() => 'dim' as const),
    ),
    ...rows.map((row, index) =>
      line(
        texts[index]!,
        columns.map(({ style }) => style?.(row)),
      ),
    ),
  ]
}

/** `null`: every column stays. */
function withoutOne<R>(columns: Column<R>[]): Column<R>[] | null {
  const last = Math.max(...columns.map(({ leaves = 0 }) => leaves))
  return last === 0 ? null : columns.filter(({ leaves = 0 }) => leaves !== last)
}

function stackedLines<R>(
  { rows, texts, columns }: { rows: R[]; texts: string[][]; columns: Column<R>[] },
  { width, styled }: Terminal,
): string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : ['']),
    ...columns.flatMap(({ title, style }, place) => {
      const text = texts[index]![place]!
      const shown = style?.(row)
      const lines = text === '' ? [] : wrapped(`${title}: ${text}`, width)
      return shown ? lines.map(one => styled(shown, one)) : lines
    }),
  ])
}
