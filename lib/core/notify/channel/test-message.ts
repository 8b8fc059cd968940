/** The message that tries whether a channel works. */
import type { Channel } from './channel.ts'
import type { ChannelMessage } from './message.ts'
import { wordsIn } from './words.ts'

interface TestTelling {
  actor: string
  /** The name of this installation. */
  service: string
  publicUrl: string
  /** When it is sent, as an instant. */
  at: string
}

export function testMessage(
  { id, language }: Pick<Channel, 'id' | 'language'>,
  { actor, service, publicUrl, at }: TestTelling,
): ChannelMessage {
  const words = wordsIn(language)
  return {
    on: 'succeeded',
    title: `🔔 ${words.test}`,
    facts: [
      { name: words.channel, value: id },
      { name: words.asker, value: actor },
      { name: words.installation, value: service },
    ],
    links: [{ text: words.openConsole, url: `${publicUrl}/` }],
    webhook: { event: 'curfew.channel.test', timestamp: at, text: words.test, channel: id, service },
  }
}
