/** What the code of a failed sub-job says of its server (ECS and BMS API reference, "Error Codes"). */
import type { OutcomeCode } from './outcome-codes.ts'

/** Codes of a sub-job that found its server off, or on its way there (API reference, error codes): it was not the one that stopped it. */
export const FOUND_OFF = new Set(['Ecs.0100', 'BMS.0036', 'BMS.0039'])
/** Codes of what a sub-job found, where another try changes nothing. */
export const FINAL_CODES: Record<string, OutcomeCode> = {
  'Ecs.0605': 'locked',
  'BMS.0605': 'locked',
  'Ecs.0030': 'frozen',
  'BMS.0360': 'frozen',
  'Ecs.0114': 'not-found',
  'Ecs.0614': 'not-found',
  'BMS.0040': 'not-found',
}
/** Codes that say the server was busy: a later try may pass. */
export const BUSY_CODES = new Set(['Ecs.0603', 'Ecs.0100', 'BMS.0035', 'BMS.0037', 'BMS.0212', 'Common.0024'])
