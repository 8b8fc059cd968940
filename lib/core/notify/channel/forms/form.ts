/** A message in the form of a tool. */
import type { ChannelType } from '../channel.ts'
import type { ChannelMessage } from '../message.ts'
import { feishuForm } from './feishu.ts'
import { dingtalkForm, wecomForm } from './markdown.ts'
import { slackForm } from './slack.ts'
import { teamsForm } from './teams.ts'

const FORMS: Record<ChannelType, (message: ChannelMessage) => object> = {
  slack: slackForm,
  teams: teamsForm,
  feishu: feishuForm,
  dingtalk: dingtalkForm,
  wecom: wecomForm,
  webhook: ({ webhook }) => webhook,
}

/** What is posted to a channel of the type. */
export const channelForm = (type: ChannelType, message: ChannelMessage): object => FORMS[type](message)
