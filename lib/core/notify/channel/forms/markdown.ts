/** DingTalk's and WeCom's forms: messages in Markdown. */
import type { ChannelMessage } from '../message.ts'

/** Neither tool knows an escape: what acts in their Markdown, or calls people, is shown by a letter that looks alike. */
const LOOKALIKES: Record<string, string> = {
  '<': '‹',
  '>': '›',
  '@': '＠',
  '[': '［',
  ']': '］',
  '*': '＊',
  '`': 'ˋ',
  '~': '～',
  '\\': '＼',
  '!': '！',
  '|': '｜',
}

/** `_` acts only at an end of a word, `#`, `+`, `-` and numbers only where a line begins, which no text of others does. */
const inert = (text: string): string =>
  text
    .replaceAll(/[<>@[\]*`~\\!|]/g, character => LOOKALIKES[character]!)
    .replaceAll(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, marks => '＿'.repeat(marks.length))
    // Tools make links of what looks like one.
    .replaceAll('://', ':／／')
    .replaceAll(/\bwww\./gi, 'www．')

const markdownLink = ({ text, url }: ChannelMessage['links'][number]): string => `[${inert(text)}](${url})`

/** The last lines: what of it is shown where others see only the title. */
function markdownText({ title, facts, links }: ChannelMessage, lineBreak: string): string {
  const lines = facts.map(({ name, value }) => `**${inert(name)}**: ${inert(value)}`)
  const linked = links.length === 0 ? [] : [links.map(markdownLink).join('　')]
  return [`**${inert(title)}**`, ...lines, ...linked].join(lineBreak)
}

/** A paragraph for each line: a single break is none there. */
export const dingtalkForm = (message: ChannelMessage): object => ({
  msgtype: 'markdown',
  markdown: { title: inert(message.title), text: markdownText(message, '\n\n') },
  at: { isAtAll: false },
})

export const wecomForm = (message: ChannelMessage): object => ({
  msgtype: 'markdown',
  markdown: { content: markdownText(message, '\n') },
})
