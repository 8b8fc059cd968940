/** The route that sends a message to a channel to try it. */
import type { StoredChannel } from '../../../core/notify/channel/channel.ts'
import { boundedMessage } from '../../../core/notify/channel/message.ts'
import { testMessage } from '../../../core/notify/channel/test-message.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { ChannelTest } from '../../schemas/channel-schemas.ts'
import { PathId } from '../../schemas/schemas.ts'
import { existingChannel } from './channels.ts'
import { CHANNEL_EXAMPLES } from './examples.ts'

interface TestAnswer {
  ok: boolean
  reason?: string
}

/** Sends one, in its turn like every other: a tool that takes no more now would mute the channel. */
async function testChannel(
  channel: StoredChannel,
  actor: string,
  { store, tell, config, now, unique }: HttpServices,
): Promise<TestAnswer> {
  const turn = await store.channelTurn(channel.id, { type: channel.type, hasWaited: true })
  if (turn.kind === 'deferred')
    return {
      ok: false,
      reason: `${channel.type} wants no message before ${isoInstant(turn.at)}: ask again then`,
    }
  const { tableName: service, publicUrl } = config
  const message = testMessage(channel, { actor, service, publicUrl, at: isoInstant(now()) })
  const end = await tell(channel, { key: `test.${unique()}`, message: boundedMessage(message) })
  if (end.waitMs !== undefined) await store.muteChannel(channel.id, end.waitMs)
  return end.reason === null ? { ok: true } : { ok: false, reason: end.reason }
}

export const channelTestRoutes = [
  defineRoute({
    method: 'POST',
    needs: 'operate',
    path: '/v1/channels/{id}/test',
    operation: 'testChannel',
    examples: CHANNEL_EXAMPLES.testChannel,
    summary: 'Send a test message to a channel',
    description: 'One message, once, within the rate that the tool allows. What came back is the answer.',
    params: PathId,
    answers: {
      200: { description: 'Whether its tool took it, and what stood in the way.', schema: ChannelTest },
    },
    run: async ({ params, actor }, services) =>
      jsonAnswer(await testChannel(await existingChannel(params.id, services), actor, services)),
  }),
]
