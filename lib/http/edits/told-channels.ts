/** The channels that a policy names. */
import { isSame } from '../../core/documents/documents.ts'
import type { FieldProblem } from '../../core/documents/input.ts'
import type { Policy, PolicyState } from '../../core/model/model.ts'
import { channelsFor } from '../../core/notify/channel/channel.ts'
import { keepsOffHours } from '../../core/notify/channel/turn.ts'
import type { HttpServices } from '../../runtime/services/services.ts'
import { throwUnprocessable } from '../problem.ts'

type TellingPolicy = Pick<Policy, 'notify'>

const noChannel = (place: number, id: string): FieldProblem => ({
  path: `notify.${place}.channel`,
  message: `expected the id of a channel, got "${id}", which does not exist`,
})

/** Those that are not there. */
export async function channelsMissing(
  { notify }: TellingPolicy,
  { store }: HttpServices,
): Promise<FieldProblem[]> {
  const found = await Promise.all(notify.map(({ channel }) => store.keptChannel(channel)))
  return notify.flatMap(({ channel }, place) => (found[place] ? [] : [noChannel(place, channel)]))
}

/** Says beside each channel that this policy is about to use it. Throws 422 where one was deleted a moment ago. */
export async function nameChannels(
  { id, notify }: TellingPolicy & Pick<Policy, 'id'>,
  before: object | null,
  { store }: HttpServices,
): Promise<void> {
  const named = before !== null && 'notify' in before && before.notify
  if (Array.isArray(named) && isSame(named, notify)) return
  for (const [place, { channel }] of notify.entries())
    if (!(await store.nameUser({ kind: 'channel', id: channel }, id)))
      throwUnprocessable([noChannel(place, channel)])
}

/** Whether a channel that is warned keeps off full and half hours. */
export async function warnsEarly(
  { warn, notify }: TellingPolicy & Pick<Policy, 'warn'>,
  { store }: HttpServices,
): Promise<Pick<PolicyState, 'warnsEarly'>> {
  if (warn === null) return {}
  const found = await Promise.all(channelsFor({ notify }, 'warning').map(store.keptChannel))
  return found.some(one => one !== null && 'type' in one && keepsOffHours(one.type))
    ? { warnsEarly: true }
    : {}
}
