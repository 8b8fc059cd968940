/** Every minute: makes the runs that are due, and picks up whatever was left lying. */
import { timerHandler } from '../lib/runtime/handler.ts'
import { liveBaseServices } from '../lib/runtime/services/base.ts'
import { tick } from '../lib/steps/tick/tick.ts'

export const handler = timerHandler(tick, liveBaseServices)
