/** Teams' form: an Adaptive Card, as a workflow that begins with a webhook takes it. */
import type { ChannelMessage } from '../message.ts'

/** A run of text has no markup, where a text block of a card has some. */
const run = (text: string, more: object = {}) => ({ type: 'TextRun', text, ...more })
const line = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines })

export function teamsForm({ title, facts, links }: ChannelMessage): object {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      line(run(title, { weight: 'Bolder', size: 'Medium' })),
      ...facts.map(({ name, value }) => line(run(`${name}: `, { weight: 'Bolder' }), run(value))),
    ],
    actions: links.map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url })),
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] }
}
