/** Slack's form: Block Kit for an incoming webhook. */
import type { ChannelMessage } from '../message.ts'

/** Only these three act in Slack's markup; names of channels, people and links all begin with the second. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Plain text: nothing in it acts, not even a colon. */
const slackText = (text: string) => ({ type: 'plain_text', text, emoji: false })

const MAX_HEADER = 150
/** A section takes ten texts. */
const MAX_FIELDS = 10

/** A link in text works in every workspace; a button would want an app that answers it. */
const slackLink = ({ text, url }: ChannelMessage['links'][number]): string =>
  `<${escaped(url)}|${escaped(text).replaceAll('|', '¦')}>`

export function slackForm({ title, facts, links }: ChannelMessage): object {
  const fields = facts.slice(0, MAX_FIELDS).map(({ name, value }) => slackText(`${name}: ${value}`))
  const lines = links.map(slackLink).join('   ')
  return {
    // What notifications show.
    text: escaped(title),
    blocks: [
      { type: 'header', text: slackText([...title].slice(0, MAX_HEADER).join('')) },
      ...(fields.length > 0 ? [{ type: 'section', fields }] : []),
      ...(lines === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: lines } }]),
    ],
  }
}
