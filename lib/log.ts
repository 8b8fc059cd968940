/** One JSON line for each thing that matters. Nothing secret is ever handed to it. */
import { Logger } from '@aws-lambda-powertools/logger'

export type Fields = Record<string, unknown>
export interface Log {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
}

/** What an error says, down its causes, without its stack. */
export const errorFields = (error: unknown): Fields => ({
  error: error instanceof Error ? error.message : String(error),
  ...(error instanceof Error && error.cause !== undefined ? { cause: errorFields(error.cause) } : {}),
})

export function createLog(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const logger = new Logger({
    serviceName: 'curfew',
    logLevel: level === 'debug' ? 'DEBUG' : level === 'info' ? 'INFO' : level === 'warn' ? 'WARN' : 'ERROR',
  })
  const line =
    (write: (message: string, fields: Fields) => void) =>
    (message: string, fields: Fields = {}): void =>
      write(message, fields)
  return {
    debug: line((message, fields) => logger.debug(message, fields)),
    info: line((message, fields) => logger.info(message, fields)),
    warn: line((message, fields) => logger.warn(message, fields)),
    error: line((message, fields) => logger.error(message, fields)),
  }
}
