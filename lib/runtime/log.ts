/** One JSON line for each thing that matters. Nothing secret is ever handed to it. */
import { Logger } from '@aws-lambda-powertools/logger'
import type { LogLine } from '../core/follow/outcome-lines.ts'
import { printable } from '../core/model/printable.ts'

export type LogFields = Record<string, unknown>
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  lines(lines: LogLine[]): void
}

const LEVELS = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR', silent: 'SILENT' } as const

/** What an error says, down its causes, without its stack. */
export const errorFields = (error: unknown): LogFields & { error: string } => ({
  error: error instanceof Error ? error.message : String(error),
  ...(error instanceof Error && error.cause !== undefined ? { cause: errorFields(error.cause) } : {}),
})

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export function createLog(level: LogLevel): Log {
  const logger = new Logger({
    serviceName: 'curfew',
    logLevel: LEVELS[level],
    // JSON escapes not every character that a terminal acts on.
    jsonReplacerFn: (_: string, value: unknown) => (typeof value === 'string' ? printable(value) : value),
  })
  const log: Omit<Log, 'lines'> = {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  }
  return {
    ...log,
    lines: lines => {
      for (const { level, message, fields } of lines) log[level](message, fields)
    },
  }
}
