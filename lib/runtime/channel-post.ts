/** What goes out to a channel: signed as its tool wants it. */
import { createHmac } from 'node:crypto'
import type { ChannelSecret, ChannelType } from '../core/notify/channel/channel.ts'
import { signedHeaders } from './webhook.ts'

interface ChannelPost {
  url: string
  headers: Record<string, string>
  body: string
}
interface PostToSign {
  secret: ChannelSecret
  key: string
  body: string
}

const hmacBase64 = (key: string, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64')

/** Feishu signs nothing with its key and the time, in the body; the time in seconds. */
function feishuBody(body: string, signingKey: string, now: number): string {
  const timestamp = String(Math.floor(now / 1000))
  const sign = hmacBase64(`${timestamp}\n${signingKey}`, '')
  return JSON.stringify({ timestamp, sign, ...JSON.parse(body) })
}

/** DingTalk signs the time with its key, in the URL; the time in milliseconds. */
function dingtalkUrl(text: string, signingKey: string, now: number): string {
  const url = new URL(text)
  url.searchParams.set('timestamp', String(now))
  url.searchParams.set('sign', hmacBase64(signingKey, `${now}\n${signingKey}`))
  return url.href
}

/** Slack, Teams and WeCom know no signature: their URL alone is the secret. */
export function signedPost(type: ChannelType, { secret, key, body }: PostToSign, now: number): ChannelPost {
  const { url, signingKey } = secret
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const plain = { url, headers, body }
  if (type === 'webhook')
    return {
      ...plain,
      headers: {
        'content-type': 'application/json',
        ...signedHeaders({ url, id: key, body, ...(signingKey ? { secret: signingKey } : {}) }, now),
      },
    }
  if (signingKey === undefined) return plain
  if (type === 'feishu') return { ...plain, body: feishuBody(body, signingKey, now) }
  return type === 'dingtalk' && URL.canParse(url)
    ? { ...plain, url: dingtalkUrl(url, signingKey, now) }
    : plain
}

/** Shorter parts of a URL are no secret, and would take words out of every sentence. */
const LEAST_SECRET = 8

/** As receivers read it; a path with a wrong escape they read as it is. */
function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The parts of a secret that no text may repeat: pages of errors like to show the path. */
export function secretParts({ url, signingKey }: ChannelSecret): string[] {
  const { pathname = '', search = '', searchParams } = URL.parse(url) ?? {}
  const paths = [pathname, decodedPath(pathname)]
  const parts = [
    ...pathname.split('/').map(decodedPath),
    ...paths.flatMap(path => path.split('/')),
    ...search.split(/[?&=]/),
    ...(searchParams?.values() ?? []),
  ]
  return [url, signingKey ?? '', ...paths, search, ...parts].filter(part => part.length >= LEAST_SECRET)
}
