/** Warns people of stops before they come: of each that would stop a server, once. */
import { isToCome } from '../../core/documents/links/press.ts'
import { Unreadable } from '../../core/model/errors.ts'
import type { StoredPolicy } from '../../core/model/model.ts'
import {
  afterFailedListing,
  type DueStop,
  heldWarning,
  isToBeWarned,
  type StopWarning,
  settledWarning,
} from '../../core/notify/stop-warning.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import { foreseeStops, type OpenWarning, type SeenWarning } from './foresee.ts'
import { sendWarning } from './send-warning.ts'

const SIDE_BY_SIDE = 10

/** Previews stops of one connection and kind from one listing. What fails is tried again; no stop waits for its warning. */
export async function warnOfStops(stops: DueStop[], services: NotifyServices): Promise<void> {
  const coming: OpenWarning[] = []
  const results = await settleAll(stops, { sideBySide: SIDE_BY_SIDE }, async stop => {
    const found = await holdWarning(stop, services)
    if (found) coming.push(found)
  })
  const seen = await foreseeStops(coming, services)
  const told = await settleAll(seen, { sideBySide: SIDE_BY_SIDE }, one => concludeWarning(one, services))
  throwFirstRejection([...results, ...told])
}

/** Holds a warning that is still to be sent; settles one whose stop has come or is no more, and returns `null`. */
async function holdWarning(stop: DueStop, services: NotifyServices): Promise<OpenWarning | null> {
  const { store, now } = services
  const warning = await store.warning(stop)
  if (!warning || !isToBeWarned(warning, now())) return null
  const policy = await readablePolicy(stop.policyId, services)
  if (now() >= Date.parse(stop.stopAt)) await settleWarning(warning, { ending: 'late' }, services)
  else if (policy === null || !isToCome(policy, stop.stopAt))
    await settleWarning(warning, { ending: 'moot' }, services)
  else {
    const held = heldWarning(warning, now())
    if (await store.saveWarning(held, warning)) return { warning: held, policy, stopAt: stop.stopAt }
  }
  return null
}

/** `null` for a policy that cannot be read: it stops nothing. */
const readablePolicy = (id: string, { store }: NotifyServices): Promise<StoredPolicy | null> =>
  store.policy(id).catch(error => {
    if (error instanceof Unreadable) return null
    throw error
  })

async function concludeWarning(seen: SeenWarning, services: NotifyServices): Promise<void> {
  const { store, now } = services
  const { warning, preview, failed } = seen
  const again = failed === null ? null : afterFailedListing(warning, failed, now())
  if (again) {
    await store.saveWarning(again, warning)
    return
  }
  const reason = failed === null ? {} : { reason: failed }
  if (failed === null && preview.servers === 0) return settleWarning(warning, { ending: 'nobody' }, services)
  const channels = await sendWarning(seen, services)
  return settleWarning(warning, { ending: 'sent', channels, ...reason }, services)
}

async function settleWarning(
  warning: StopWarning,
  after: Parameters<typeof settledWarning>[1],
  { store, log }: NotifyServices,
): Promise<void> {
  await store.saveWarning(settledWarning(warning, after), warning)
  const { policyId, stopAt } = warning
  log.info('warning settled', { policy: policyId, stopAt, ...after })
}
