/** Routes of channels. */
import { channelProblems } from '../../../core/documents/connection.ts'
import type { Channel, StoredChannel } from '../../../core/notify/channel/channel.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { etagHeader, refuseOtherId } from '../../edits/edit.ts'
import { removeUsed, saveUsed, type UsedDocuments } from '../../edits/used-document.ts'
import { paginate } from '../../lists/lists.ts'
import { throwNotFound, throwUnprocessable } from '../../problem.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { ChannelBody, ChannelDocument } from '../../schemas/channel-schemas.ts'
import { IF_MATCH, IF_NONE_MATCH, ListQuery, listSchema, PathId } from '../../schemas/schemas.ts'
import { CHANNEL_EXAMPLES } from './examples.ts'

/** The channel of that id. Throws 404. */
export async function existingChannel(id: string, { store }: HttpServices): Promise<StoredChannel> {
  return (await store.channel(id)) ?? throwNotFound('channel', id)
}

const usedChannels = ({ store }: HttpServices): UsedDocuments<Channel> => ({
  kind: 'channel',
  named: 'channels',
  kept: store.keptChannel,
  save: store.saveChannel,
  remove: store.removeChannel,
})

export const channelRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/channels',
    operation: 'channels',
    examples: CHANNEL_EXAMPLES.channels,
    summary: 'All channels, by id',
    description: 'What cannot be read is left out, and its id is told in `unreadable`.',
    query: ListQuery,
    answers: { 200: { description: 'A page of them.', schema: listSchema(ChannelDocument) } },
    run: ({ query }, { store }) =>
      paginate({
        list: 'channels',
        ...query,
        page: (most, after) => store.channels({ most, after }),
        shown: channel => channel,
      }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/channels/{id}',
    operation: 'channel',
    versioned: true,
    examples: CHANNEL_EXAMPLES.channel,
    summary: 'One channel',
    description: 'Without its URL, which is a secret and stands elsewhere. `ETag` is its version.',
    params: PathId,
    answers: { 200: { description: 'The channel.', schema: ChannelDocument } },
    run: async ({ params }, services) => {
      const channel = await existingChannel(params.id, services)
      return jsonAnswer(channel, 200, etagHeader(channel))
    },
  }),
  defineRoute({
    method: 'PUT',
    needs: 'admin',
    path: '/v1/channels/{id}',
    operation: 'saveChannel',
    examples: CHANNEL_EXAMPLES.saveChannel,
    summary: 'Create or replace a channel',
    description: 'The whole document: what is left out takes its default. Nothing is sent; `test` does that.',
    params: PathId,
    body: { schema: ChannelBody },
    headers: { ...IF_MATCH, ...IF_NONE_MATCH },
    answers: {
      200: { description: 'It was replaced.', schema: ChannelDocument },
      201: { description: 'It was created.', schema: ChannelDocument },
    },
    run: async (asked, services) => {
      const { params, body } = asked
      refuseOtherId(body, params.id)
      const wanted: Channel = { ...body, id: params.id }
      const problems = channelProblems(wanted, services.config)
      if (problems.length > 0) throwUnprocessable(problems)
      const { document, isNew } = await saveUsed(wanted, { asked, of: usedChannels(services) }, services)
      return jsonAnswer(document, isNew ? 201 : 200, etagHeader(document))
    },
  }),
  defineRoute({
    method: 'DELETE',
    needs: 'admin',
    path: '/v1/channels/{id}',
    operation: 'deleteChannel',
    examples: CHANNEL_EXAMPLES.deleteChannel,
    summary: 'Delete a channel that no policy names',
    description: 'Its secret is not touched.',
    params: PathId,
    headers: IF_MATCH,
    answers: { 204: { description: 'It is gone.' } },
    problems: { 409: 'Policies name it.' },
    run: async (asked, services) => {
      await removeUsed(asked.params.id, { asked, of: usedChannels(services) }, services)
      return { status: 204 }
    },
  }),
]
