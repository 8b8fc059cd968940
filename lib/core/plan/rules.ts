/** The rules that hold for a run: those of its policy as it was, as far as they are about the run's action. */
import type { Action } from '../model/action.ts'
import type { Limits, Policy, RunPolicy } from '../model/model.ts'
import { isEnded, type Run } from '../model/run.ts'

/** How long a start that the cloud has no room for is asked again, where no policy says so. */
const RETRY_MINUTES = 120
const NO_LIMITS: Limits = { maxServers: null, maxPercent: null, historyFactor: null }

export interface Rules
  extends Pick<
    Policy,
    'kind' | 'selector' | 'exclude' | 'mode' | 'escalateAfterMinutes' | 'haltShare' | 'limits'
  > {
  action: Action
  schedule?: Policy['schedule']
  /** How long a request that the cloud has no room for is sent again. */
  retryMinutes: number
  /** Its targets are servers that earlier runs stopped, whatever the selector says. */
  isUndoing: boolean
}

/** Whether a run starts what earlier runs stopped, rather than what its selector matches. */
const isUndoing = ({ action, policyId, undoes }: Pick<Run, 'action' | 'policyId' | 'undoes'>): boolean =>
  action === 'start' && (policyId !== undefined || undoes !== undefined)

/** Whether a start waits for a stop: nothing is started while it may still be powering off. */
export const isStopUnderWay = (stop: Run, { cancel, dryRun }: Run): boolean =>
  stop.action === 'stop' && !isEnded(stop) && !stop.dryRun && !dryRun && cancel === undefined

/** A start escalates nothing, and is not halted: each server that stays off is one that a person waits for. */
export function rulesOf(run: Pick<Run, 'action' | 'policyId' | 'undoes'>, policy: RunPolicy): Rules {
  const own = { ...policy, action: run.action, retryMinutes: RETRY_MINUTES, isUndoing: isUndoing(run) }
  if (run.action === 'stop') return own
  const rules = { ...own, escalateAfterMinutes: null, haltShare: null }
  return rules.isUndoing ? { ...rules, selector: { all: true }, exclude: {}, limits: NO_LIMITS } : rules
}
