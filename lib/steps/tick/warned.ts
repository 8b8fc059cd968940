/** Reads, when a run is made, what became of the warning of its stop, so that the run keeps it. */
import type { StoredPolicy } from '../../core/model/model.ts'
import type { Run } from '../../core/model/run.ts'
import { channelsFor } from '../../core/notify/channel/channel.ts'
import { runWarning, warningKeyOf } from '../../core/notify/stop-warning.ts'
import { errorFields } from '../../runtime/log.ts'
import type { TickServices } from '../../runtime/services/services.ts'

/** Adds to runs what became of their warnings; a warning is read once for all runs of its due time. */
export function warningReader(policy: StoredPolicy, services: TickServices) {
  const read = new Map<string, Promise<Pick<Run, 'warning'>>>()
  /** Reads nothing for runs that do not begin, or of policies that do not warn. A warning that cannot be read holds up no run. */
  return async (run: Run): Promise<Run> => {
    if (run.action !== 'stop' || run.status !== 'pending' || policy.warn === null) return run
    if (!read.has(run.dueAt)) read.set(run.dueAt, readWarning(run, policy, services))
    try {
      return { ...run, ...(await read.get(run.dueAt)) }
    } catch (error) {
      services.log.warn('what became of a warning cannot be read', { run: run.id, ...errorFields(error) })
      return run
    }
  }
}

async function readWarning(
  run: Run,
  policy: StoredPolicy,
  { store }: TickServices,
): Promise<Pick<Run, 'warning'>> {
  const stop = { policyId: policy.id, stopAt: run.dueAt }
  const key = warningKeyOf(stop)
  const channels = channelsFor(policy, 'warning')
  const [warning, ...told] = await Promise.all([
    store.warning(stop),
    ...channels.map(channel => store.delivery({ key, channel })),
  ])
  return runWarning(warning, new Map(channels.map((channel, place) => [channel, told[place] ?? null])))
}
