/** Stand-ins of the chat tools: they hold messages to the form, size, rate and signature of the real ones, and answer as those do. */
import { createHmac } from 'node:crypto'
import * as z from 'zod'
import type { ChannelType } from '../lib/core/notify/channel/channel.ts'
import { signedHeaders } from '../lib/runtime/webhook.ts'
import { type Received, type ReceiverAnswer, startReceiver } from './receiver.ts'

type Tool = ChannelType
export const TOOLS: Tool[] = ['slack', 'teams', 'feishu', 'dingtalk', 'wecom', 'webhook']
export const SIGNING_KEY = 'SEC5f1c0ffee0123456789'

interface Message {
  tool: Tool
  at: number
  body: string
}
interface Refusal {
  status: number
  headers?: Record<string, string>
  body: string
}
const refusal = (status: number, body: string, headers?: Record<string, string>): Refusal => ({
  status,
  body,
  ...(headers ? { headers } : {}),
})

const bytes = (text: string): number => Buffer.byteLength(text)
const hmac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64')

/** Block Kit: the blocks that are used here, and the most that each takes. */
const SlackText = (most: number) =>
  z.strictObject({
    type: z.enum(['plain_text', 'mrkdwn']),
    text: z.string().min(1).max(most),
    emoji: z.boolean().optional(),
  })
const SlackBody = z.strictObject({
  text: z.string().min(1).max(40_000),
  blocks: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('header'), text: SlackText(150) }),
        z.strictObject({
          type: z.literal('section'),
          text: SlackText(3000).optional(),
          fields: z.array(SlackText(2000)).min(1).max(10).optional(),
        }),
      ]),
    )
    .max(50),
})
const TextRun = z.looseObject({ type: z.literal('TextRun'), text: z.string() })
const TeamsBody = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: z.looseObject({
          type: z.literal('AdaptiveCard'),
          version: z.enum(['1.2', '1.3', '1.4', '1.5']),
          body: z.array(
            z.strictObject({ type: z.literal('RichTextBlock'), inlines: z.array(TextRun).min(1) }),
          ),
          actions: z.array(
            z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url() }),
          ),
        }),
      }),
    )
    .length(1),
})
const FeishuText = z.strictObject({ tag: z.literal('plain_text'), content: z.string().min(1) })
const FeishuBody = z.strictObject({
  timestamp: z.string().regex(/^\d{10}$/),
  sign: z.string(),
  msg_type: z.literal('interactive'),
  card: z.strictObject({
    config: z.strictObject({ wide_screen_mode: z.boolean() }),
    header: z.strictObject({
      template: z.enum(['green', 'red', 'orange', 'grey', 'blue']),
      title: FeishuText,
    }),
    elements: z.array(
      z.discriminatedUnion('tag', [
        z.strictObject({ tag: z.literal('div'), text: FeishuText }),
        z.strictObject({
          tag: z.literal('action'),
          actions: z.array(
            z.strictObject({
              tag: z.literal('button'),
              type: z.enum(['default', 'primary', 'danger']),
              text: FeishuText,
              url: z.url(),
            }),
          ),
        }),
      ]),
    ),
  }),
})
const DingtalkBody = z.strictObject({
  msgtype: z.literal('markdown'),
  markdown: z.strictObject({ title: z.string().min(1), text: z.string().min(1) }),
  at: z.strictObject({ isAtAll: z.literal(false) }),
})
const WecomBody = z.strictObject({
  msgtype: z.literal('markdown'),
  markdown: z.strictObject({ content: z.string().min(1) }),
})
const WebhookForm = z.looseObject({ event: z.string(), timestamp: z.iso.datetime(), text: z.string() })

const errcode = (code: number, message: string): Refusal =>
  refusal(200, JSON.stringify({ errcode: code, errmsg: message }))
const feishu = (code: number, msg: string): Refusal => refusal(200, JSON.stringify({ code, data: {}, msg }))

/** How many of these instants lie in the window that ends now. */
const within = (sent: number[], ms: number, now: number): number => sent.filter(at => at > now - ms).length
const isWrong = (schema: z.ZodType, body: string): boolean => !schema.safeParse(JSON.parse(body)).success

type Check = (received: Received, sent: number[], now: number) => Refusal | null

const CHECKS: Record<Tool, Check> = {
  slack({ body }, sent, now) {
    if (within(sent, 1000, now) > 0) return refusal(429, 'rate_limited', { 'retry-after': '1' })
    return isWrong(SlackBody, body) ? refusal(400, 'invalid_blocks') : null
  },
  teams({ body }, sent, now) {
    if (within(sent, 1000, now) >= 4) return refusal(429, '')
    if (bytes(body) > 28_000) return refusal(413, '')
    return isWrong(TeamsBody, body) ? refusal(400, '{"error":{"code":"InvalidRequestContent"}}') : null
  },
  feishu({ body }, sent, now) {
    const minute = new Date(now).getUTCMinutes() % 30
    const isCrowded = minute === 0
    if (isCrowded || within(sent, 1000, now) >= 5 || within(sent, 60_000, now) >= 100)
      return feishu(11232, 'frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]')
    if (bytes(body) > 20_000 || isWrong(FeishuBody, body)) return feishu(9499, 'Bad Request')
    const { timestamp, sign } = JSON.parse(body)
    const isOld = Math.abs(now / 1000 - timestamp) > 3600
    const isRight = sign === hmac(`${timestamp}\n${SIGNING_KEY}`, '')
    return isOld || !isRight
      ? feishu(19021, 'sign match fail or timestamp is not within one hour from current time')
      : null
  },
  dingtalk({ path, body }, sent, now) {
    const query = new URL(path, 'https://dingtalk').searchParams
    const timestamp = Number(query.get('timestamp'))
    if (query.get('sign') !== hmac(SIGNING_KEY, `${timestamp}\n${SIGNING_KEY}`))
      return errcode(310000, 'sign not match, more: https://dingtalk')
    if (Math.abs(now - timestamp) > 3_600_000) return errcode(310000, 'invalid timestamp')
    if (within(sent, 60_000, now) >= 20) return errcode(130101, 'send too fast, exceed 20 times per minute')
    return bytes(body) > 20_000 || isWrong(DingtalkBody, body) ? errcode(40035, 'invalid parameter') : null
  },
  wecom({ body }, sent, now) {
    if (within(sent, 60_000, now) >= 20) return errcode(45009, 'api freq out of limit')
    if (isWrong(WecomBody, body)) return errcode(40008, 'invalid message type')
    return bytes(JSON.parse(body).markdown.content) > 4096
      ? errcode(40058, 'markdown.content exceed max length 4096')
      : null
  },
  webhook({ headers, body }, _, now) {
    const id = String(headers['webhook-id'])
    const signed = signedHeaders({ url: '', id, body, secret: SIGNING_KEY }, now)
    if (headers['webhook-signature'] !== signed['webhook-signature']) return refusal(401, '')
    return isWrong(WebhookForm, body) ? refusal(422, '') : null
  },
}
const TAKEN: Record<Tool, ReceiverAnswer> = {
  slack: { status: 200, body: 'ok' },
  teams: { status: 202, body: '' },
  feishu: { status: 200, body: JSON.stringify({ code: 0, data: {}, msg: 'success' }) },
  dingtalk: { status: 200, body: JSON.stringify({ errcode: 0, errmsg: 'ok' }) },
  wecom: { status: 200, body: JSON.stringify({ errcode: 0, errmsg: 'ok' }) },
  webhook: { status: 204, body: '' },
}

/** How a tool fails that is down. */
export const DOWN: Record<Tool, ReceiverAnswer> = {
  slack: { status: 404, body: 'no_service' },
  teams: { status: 502, body: '<html>/hooks/teams-5ecret</html>' },
  feishu: feishu(19002, 'params error, msg_type need'),
  dingtalk: errcode(300001, 'token is not exist'),
  wecom: errcode(93000, 'invalid webhook url'),
  webhook: { status: 503, body: '' },
}

export type ChatTools = Awaited<ReturnType<typeof startChatTools>>

export async function startChatTools(identity: { key: string; cert: string }) {
  const receiver = await startReceiver(identity)
  const taken: Message[] = []
  const refused: (Message & { answer: string })[] = []
  const sent: Record<string, number[]> = {}
  /** A tool that took too many takes none until then. */
  const mutedUntil: Record<string, number> = {}
  const down = new Set<Tool>()

  receiver.answerTo = received => {
    const tool = received.path.split(/[/?]/)[2]!.split('-')[0] as Tool
    const now = Date.now()
    const message = { tool, at: now, body: received.body }
    sent[tool] ??= []
    const mine = sent[tool]
    const muted = tool === 'dingtalk' && now < (mutedUntil[tool] ?? 0)
    const problem = down.has(tool)
      ? DOWN[tool]
      : muted
        ? errcode(130101, 'send too fast, exceed 20 times per minute')
        : CHECKS[tool](received, mine, now)
    if (problem) {
      if (/130101/.test(problem.body ?? '')) mutedUntil[tool] = now + 600_000
      refused.push({ ...message, answer: `${problem.status} ${problem.body}` })
      return problem
    }
    mine.push(now)
    taken.push(message)
    return TAKEN[tool]
  }
  return {
    taken,
    refused,
    down,
    receiver,
    of: (tool: Tool) => taken.filter(one => one.tool === tool),
    /** The URL of a tool, with its secret part in path and query. */
    url: (tool: Tool) =>
      `https://localhost:${receiver.port}/hooks/${tool}-5ecretPath?access_token=5ecretToken`,
    close: () => receiver.close(),
  }
}
