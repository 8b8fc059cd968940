/** Finds out which servers are snoozed, before stops are planned: one query for all that are planned together. */
import type { PlanServices } from '../../runtime/services/services.ts'
import { readSnoozes } from '../snoozes.ts'
import type { Planning } from './planning.ts'

/** Adds the snoozes to the rules; the plannings are of one connection and kind. The selection of a start heeds no snooze. */
export async function heedSnoozes(plannings: Planning[], services: PlanServices): Promise<Planning[]> {
  const stop = plannings.find(({ run: { action } }) => action === 'stop')
  if (stop === undefined) return plannings
  const snoozes = await readSnoozes(stop.run, services)
  return plannings.map(planning => ({ ...planning, rules: { ...planning.rules, snoozes } }))
}
