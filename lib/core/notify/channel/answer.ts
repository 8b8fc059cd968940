/** What the answer of a chat tool means: several answer 200 with an error inside. */
import * as z from 'zod'
import type { TryEnd } from '../tries.ts'
import type { ChannelType } from './channel.ts'

export interface ChannelAnswer {
  status: number
  /** The beginning of its body. */
  text: string
  retryAfterSeconds: number | null
}

/** Feishu answers in two forms, an earlier and a later one. */
const Feishu = z.union([
  z.looseObject({ code: z.int(), msg: z.string().default('') }),
  z
    .looseObject({ StatusCode: z.int(), StatusMessage: z.string().default('') })
    .transform(({ StatusCode, StatusMessage }) => ({ code: StatusCode, msg: StatusMessage })),
])
/** DingTalk and WeCom. */
const Errcode = z
  .looseObject({ errcode: z.int(), errmsg: z.string().default('') })
  .transform(({ errcode, errmsg }) => ({ code: errcode, msg: errmsg }))

interface Dialect {
  /** What its body says; absent: the status says all. */
  inside?: z.ZodType<{ code: number; msg: string }>
  /** Codes that say that too many messages came. */
  tooMany: number[]
  /** How long it takes none after that. */
  muteMs: number
}
const MINUTE_MS = 60_000
/** DingTalk mutes for ten minutes; the others count by the minute. */
const DIALECTS: Record<ChannelType, Dialect> = {
  slack: { tooMany: [], muteMs: MINUTE_MS },
  teams: { tooMany: [], muteMs: MINUTE_MS },
  feishu: { inside: Feishu, tooMany: [11232], muteMs: MINUTE_MS },
  dingtalk: { inside: Errcode, tooMany: [130101], muteMs: 10 * MINUTE_MS },
  wecom: { inside: Errcode, tooMany: [45009], muteMs: MINUTE_MS },
  webhook: { tooMany: [], muteMs: MINUTE_MS },
}

const TOO_MANY = /too (many|fast)|freq/i

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The code that a body without JSON is, such as Slack's `no_service`. Nothing else is told: pages may repeat the URL, a secret. */
const codeIn = (text: string): string => (/^[a-z_]{2,60}$/.test(text.trim()) ? `: ${text.trim()}` : '')

function wordsOf({ status, text }: ChannelAnswer): string {
  const redirects = status >= 300 && status < 400 ? ', and redirects are not followed' : ''
  return `it answered ${status}${codeIn(text)}${redirects}`
}

/** Whether a message was taken, and if not, why, in the tool's own words, however many: they may repeat a secret. */
export function answerEnd(type: ChannelType, answer: ChannelAnswer): TryEnd {
  const { inside, tooMany, muteMs } = DIALECTS[type]
  const { status, text, retryAfterSeconds } = answer
  const said = inside?.safeParse(jsonIn(text)).data
  if (said && said.code !== 0) {
    const reason = `it answered ${status} with code ${said.code}: ${said.msg}`
    return tooMany.includes(said.code) || TOO_MANY.test(said.msg) ? { reason, waitMs: muteMs } : { reason }
  }
  if (status === 429) return { reason: wordsOf(answer), waitMs: (retryAfterSeconds ?? 60) * 1000 }
  if (status < 200 || status > 299) return { reason: wordsOf(answer) }
  if (inside && !said) return { reason: `it answered ${status}, and not as this tool does` }
  return { reason: null }
}
