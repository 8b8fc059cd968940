/** Figures and tables, as the bench prints them. */
import type { Figures } from './goals.ts'

/** The one in the middle; of an even number, the mean of both. */
export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Three digits that count. */
export function figure(number: number): string {
  if (!Number.isFinite(number)) return '–'
  if (number >= 100) return Math.round(number).toLocaleString('en-US')
  return number >= 10 ? number.toFixed(1) : number.toFixed(2)
}

export const times = (ratio: number): string => (Number.isFinite(ratio) ? `${figure(ratio)} ×` : '–')

export const share = (part: number): string => `${Math.round(part * 100)} %`

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** One thing that was measured, and the command that does it again. */
export interface Section {
  title: string
  command: string
  text: string
  /** What of it is held against the goals. */
  figures?: Figures
}

export const markdown = ({ title, command, text }: Section): string =>
  `## ${title}\n\n\`${command}\`\n\n${text}\n`
