/** Feishu's and Lark's form: a card of a custom bot. */
import type { ChannelMessage } from '../message.ts'

/** Plain text: nothing in it acts. */
const cardText = (content: string) => ({ tag: 'plain_text', content })

const TEMPLATES: Partial<Record<ChannelMessage['on'], string>> = {
  succeeded: 'green',
  started: 'green',
  failed: 'red',
  blocked: 'red',
  missed: 'red',
  cancelled: 'grey',
}

export function feishuForm({ on, title, facts, links }: ChannelMessage): object {
  const lines = facts.map(({ name, value }) => ({ tag: 'div', text: cardText(`${name}: ${value}`) }))
  const actions = links.map(({ text, url }) => ({
    tag: 'button',
    type: 'default',
    text: cardText(text),
    url,
  }))
  return {
    msg_type: 'interactive',
    card: {
      config: { wide_screen_mode: true },
      header: { template: TEMPLATES[on] ?? 'orange', title: cardText(title) },
      elements: [...lines, ...(actions.length > 0 ? [{ tag: 'action', actions }] : [])],
    },
  }
}
