/** What a policy expects of hard stops, and its cloud may not do. */
import { traitsOf } from '../model/connection.ts'
import type { Policy } from '../model/model.ts'
import type { Guard } from '../stop/stop.ts'
import type { Warning } from './warnings.ts'

const UNHEARD = 'a plain OpenStack takes a hard stop and does a soft one (clouds by Huawei heed it)'

type Hard = Pick<Policy, 'kind' | 'mode' | 'escalateAfterMinutes'>

/** Where it stops hard or escalates on a cloud that may not heed that; a BMS is stopped hard whatever is asked. */
export function hardWarnings({ kind, mode, escalateAfterMinutes }: Hard, { connection }: Guard): Warning[] {
  if (!connection || !traitsOf(connection).hardMayBeSoft || kind === 'bms') return []
  if (mode === 'hard') return [{ code: 'hard-may-be-soft', message: `mode is hard: ${UNHEARD}` }]
  if (escalateAfterMinutes === null) return []
  const message = `escalateAfterMinutes is ${escalateAfterMinutes}: ${UNHEARD}, and refuses any while the soft one is under way`
  return [{ code: 'hard-may-be-soft', message }]
}
