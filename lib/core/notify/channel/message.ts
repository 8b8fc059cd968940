/** A message to a channel, in no tool's form yet, and within bounds that every tool takes. */
import * as z from 'zod'
import { Instant, Occasion } from '../../model/model.ts'
import { printable } from '../../model/printable.ts'

const Fact = z.object({ name: z.string(), value: z.string() })
const Link = z.object({ text: z.string(), url: z.string() })

/** In the words of the channel's language. */
export const ChannelMessage = z.object({
  on: Occasion,
  /** One line. */
  title: z.string(),
  /** Such as when it was due, its numbers, why servers fell short by count, the first names. */
  facts: z.array(Fact),
  links: z.array(Link),
  /** What a receiver of webhooks gets in place of all this, beside its `event`, `timestamp` and `text`. */
  webhook: z.looseObject({ event: z.string(), timestamp: Instant, text: z.string() }),
})
export type ChannelMessage = z.infer<typeof ChannelMessage>

const OwnLinks = z.object({ links: z.array(z.looseObject({ url: z.string() })) })

/** The message with other addresses in its links, also in what a receiver of webhooks gets. */
export function withAddresses(message: ChannelMessage, addressOf: (url: string) => string): ChannelMessage {
  const addressed = <T extends { url: string }>(one: T): T => ({ ...one, url: addressOf(one.url) })
  const own = OwnLinks.safeParse(message.webhook).data
  const webhook = own ? { ...message.webhook, links: own.links.map(addressed) } : message.webhook
  return { ...message, links: message.links.map(addressed), webhook }
}

/** Even the smallest tool, which takes 4,096 bytes, takes a message of these: numbers of things, and bytes of texts (`weightOf`). */
const MAX = { title: 400, facts: 8, name: 60, value: 1200, values: 1600, links: 4, text: 72, url: 280 }
/** Bytes that each value has, whatever room the others take. */
const MIN_VALUE = 30

/** The bytes of a character in UTF-8, three at least: a tool's form may have a wider one in its place. */
const weightOf = (character: string): number => (character.length > 1 ? 4 : 3)

function cutText(text: string, mostBytes: number): string {
  let left = mostBytes
  const kept: string[] = []
  for (const character of text) {
    left -= weightOf(character)
    kept.push(character)
    if (left >= 0) continue
    // Without this character, and the one before it: that makes room for the mark.
    return `${kept.slice(0, -2).join('')}…`
  }
  return text
}

/** A text on one line, without controls and halves of characters. */
const oneLine = (text: string, mostBytes: number): string =>
  cutText(printable(text.toWellFormed()).replaceAll(/\s+/g, ' ').trim(), mostBytes)

/** An address without the characters that would end it in some tool's form. */
const inertUrl = (url: string): string =>
  url.replaceAll(/[()<>|\s]/g, character => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** A message within the bounds: long values are cut, the last ones first. */
export function boundedMessage(message: ChannelMessage): ChannelMessage {
  const { title, facts, links } = message
  let left = MAX.values - MIN_VALUE * MAX.facts
  const shortened = facts.slice(0, MAX.facts).map(({ name, value }) => {
    const cut = oneLine(value, Math.min(MAX.value, left + MIN_VALUE))
    left -= Math.max(0, [...cut].reduce((sum, one) => sum + weightOf(one), 0) - MIN_VALUE)
    return { name: oneLine(name, MAX.name), value: cut }
  })
  return {
    ...message,
    title: oneLine(title, MAX.title),
    facts: shortened,
    links: links
      .map(({ text, url }) => ({ text, url: inertUrl(url) }))
      .filter(({ url }) => url.length <= MAX.url)
      .slice(0, MAX.links)
      .map(({ text, url }) => ({ text: oneLine(text, MAX.text), url })),
  }
}
