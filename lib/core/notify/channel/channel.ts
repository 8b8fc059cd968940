/** A channel: a group of a chat tool, or a receiver of webhooks, that policies have told of runs and warnings. */
import * as z from 'zod'
import { Id, ManagedBy, type Occasion, type RunPolicy, type Stamps } from '../../model/model.ts'

const ChannelType = z.enum(['slack', 'teams', 'feishu', 'dingtalk', 'wecom', 'webhook'])
export type ChannelType = z.infer<typeof ChannelType>
const Language = z.enum(['en', 'zh'])
export type Language = z.infer<typeof Language>

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
  managedBy: ManagedBy,
})
export type Channel = z.infer<typeof Channel>
export type StoredChannel = Channel & Stamps

/** Where messages go, and what they are signed with: kept elsewhere, never stored, shown or logged. */
export interface ChannelSecret {
  url: string
  /** Absent: messages are not signed. */
  signingKey?: string
}
const KeptSecret = z.object({
  url: z.string('a text').min(1, 'a text'),
  signingKey: z.string('a text, or none').min(1, 'a text, or none').optional(),
})

/** Reads a secret as it is kept, or tells what is wrong with it: never what it says. */
export function readChannelSecret(kept: unknown): ChannelSecret | { problem: string } {
  const { data, error } = KeptSecret.safeParse(kept)
  if (data)
    return { url: data.url, ...(data.signingKey === undefined ? {} : { signingKey: data.signingKey }) }
  const [issue] = error.issues
  const what = issue?.path[0] === undefined ? '' : `; "${String(issue.path[0])}": expected ${issue.message}`
  return { problem: `expected JSON such as {"url": "https://…", "signingKey": "…"}${what}` }
}

/** The channels that a policy has told of an occasion. */
export const channelsFor = ({ notify }: Pick<RunPolicy, 'notify'>, occasion: Occasion): string[] => [
  ...new Set(notify.filter(({ on }) => on.includes(occasion)).map(({ channel }) => channel)),
]
