/** What functions log, counted instead of written. */
import type { Services } from '../../test/services.ts'

/** Time, level, service and the like, which every line carries. */
const LINE_BYTES = 160

/** The same services, whose log and figures are counted instead of written. */
export function withCountedLog(services: Services): {
  services: Services
  bytes: () => number
  forget: () => void
} {
  let bytes = 0
  const line = (message: string, fields: object = {}): void => {
    bytes += LINE_BYTES + JSON.stringify({ message, ...fields }).length
  }
  const log: Services['log'] = {
    debug: () => undefined,
    info: line,
    warn: line,
    error: line,
    lines: lines => {
      for (const { level, message, fields } of lines) if (level !== 'debug') line(message, fields)
    },
  }
  const emitMetrics: Services['emitMetrics'] = (metrics, fields) => line('', { ...metrics, ...fields })
  const forget = () => {
    bytes = 0
  }
  return { services: { ...services, log, emitMetrics }, bytes: () => bytes, forget }
}
