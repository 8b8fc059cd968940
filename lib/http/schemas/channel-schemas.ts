/** What has to do with channels. */
import * as z from 'zod'
import { Id, Stamps } from '../../core/model/model.ts'
import { Channel } from '../../core/notify/channel/channel.ts'
import { omitFields, readOnly } from './schemas.ts'

const BodyId = Id.optional().meta({ description: 'May be absent; if there, it equals the one of the path.' })

export const ChannelBody = z
  .strictObject({ ...Channel.shape, id: BodyId, ...readOnly(Stamps.shape) })
  .meta({ id: 'ChannelBody' })
  .transform(body => omitFields(body, Stamps.shape) as Omit<Channel, 'id'> & { id?: string })

export const ChannelTest = z
  .object({
    ok: z.boolean().meta({ description: 'Its tool took the message.' }),
    reason: z.string().optional().meta({ description: 'Why it did not, in its own words.' }),
  })
  .meta({ id: 'ChannelTest' })

export const ChannelDocument = z
  .object({ ...Channel.shape, ...Stamps.shape })
  .meta({ id: 'Channel', description: 'Where people are told of runs, and how.' })
