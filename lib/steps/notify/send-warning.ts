/** Has the channels of a policy warned of a stop, each with links of its own. */
import { openActions } from '../../core/documents/links/press.ts'
import { channelsFor } from '../../core/notify/channel/channel.ts'
import { warningMessage } from '../../core/notify/channel/warning-message.ts'
import { type SnoozeLink, unsignedUrl } from '../../core/notify/snooze-link.ts'
import { warningKeyOf } from '../../core/notify/stop-warning.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import type { SeenWarning } from './foresee.ts'
import { queueMessage } from './queue-message.ts'

/** Returns the channels. Called twice, it tells each of them once: the first message counts. */
export async function sendWarning(seen: SeenWarning, services: NotifyServices): Promise<string[]> {
  const { config, now } = services
  const { policy, stopAt, preview, failed } = seen
  const channels = channelsFor(policy, 'warning')
  const { tableName: service, publicUrl } = config
  const telling = { policy, stopAt, failed, ...preview, service, publicUrl }
  const linksIn = (warned: Omit<SnoozeLink, 'action'>) =>
    openActions(policy, warned, now()).map(action => ({ action, url: unsignedUrl(action) }))
  for (const channel of channels)
    await queueMessage(
      {
        key: warningKeyOf(seen.warning),
        channel,
        until: stopAt,
        warned: { policyId: policy.id, stopAt },
        compose: language =>
          warningMessage(telling, linksIn({ policyId: policy.id, stopAt, channel, language }), {
            language,
            now: now(),
          }),
      },
      services,
    )
  return channels
}
