/** Finds the run that a request names. */
import type { Run } from '../../../core/model/run.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { throwNotFound } from '../../problem.ts'

/** The run of that id. Throws 404. */
export async function existingRun(id: string, { store }: HttpServices): Promise<Run> {
  return (await store.run(id)) ?? throwNotFound('run', id)
}
