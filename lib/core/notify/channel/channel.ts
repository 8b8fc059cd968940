/** A channel: a group of a chat tool, or a receiver of webhooks, that policies have told of runs and warnings. */
import * as z from 'zod'
import { Id, type Stamps } from '../../model/model.ts'

const ChannelType = z.enum(['slack', 'teams', 'feishu', 'dingtalk', 'wecom', 'webhook'])
const Language = z.enum(['en', 'zh'])

export const Channel = z.strictObject({
  id: Id.describe('Lower-case letters, digits and dashes.'),
  type: ChannelType.describe('The chat tool, or `webhook`: a receiver of signed webhooks.'),
  credentials: z
    .strictObject({
      source: z.enum(['environment', 'secretsManager', 'parameterStore']).describe('Where it is kept.'),
      name: z
        .string()
        .max(512)
        .default('')
        .describe('The secret or parameter; for `environment` what the names of the variables begin with.'),
    })
    .describe('Where its URL and signing key are. Neither is ever stored, shown or logged.'),
  language: Language.default('en').describe('Of its messages: English or Chinese.'),
  description: z.string().max(1000).default('').describe('For people.'),
})
export type Channel = z.infer<typeof Channel>
export type StoredChannel = Channel & Stamps
