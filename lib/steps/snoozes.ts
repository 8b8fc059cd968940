/** Reads the snoozes of single servers for a run, as they are now. */
import { ACTIONS } from '../core/model/action.ts'
import type { Run } from '../core/model/run.ts'
import { NO_SNOOZES, type ServerSnoozes } from '../core/plan/server-snooze.ts'
import type { BaseServices } from '../runtime/services/base.ts'

/** Reads none for a start: snoozes hold back stops alone. */
export const readSnoozes = async (
  { action, connection }: Pick<Run, 'action' | 'connection'>,
  { store }: BaseServices,
): Promise<ServerSnoozes> => (ACTIONS[action].heedsTags ? store.serverSnoozes(connection) : NO_SNOOZES)
