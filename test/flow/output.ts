/** What the functions write: lines of their logs, and among them figures. */
import { onTestFinished, vi } from 'vitest'

type Line = Record<string, unknown>

export interface Output {
  /** Everything, as it was written. */
  text(): string
  /** Lines of the log with this message. */
  logged(message: string): Line[]
  /** Every value of a figure, in order. */
  figures(name: string): unknown[]
}

/** Takes what goes to the standard output, and what warns and fails to the other, until the test ends. */
export function captured(): Output {
  const written: string[] = []
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, 'write').mockImplementation(chunk => {
      written.push(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk))
      return true
    })
    onTestFinished(() => spy.mockRestore())
  }
  const lines = (): Line[] =>
    written
      .join('')
      .split('\n')
      .flatMap(line => (line.startsWith('{') ? [JSON.parse(line)] : []))
  return {
    text: () => written.join(''),
    logged: message => lines().filter(line => line.message === message),
    figures: name => lines().flatMap(line => ('_aws' in line && name in line ? [line[name]] : [])),
  }
}
