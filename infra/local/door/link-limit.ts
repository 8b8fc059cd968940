/** Slows down clients that try addresses of links. */
import type { IncomingMessage } from 'node:http'
import { type GatewayAnswer, gatewayProblem } from './gateway-problems.ts'
import { createWrongTries } from './wrong-tries.ts'

/** Paths whose token is their authorization: such tokens may be guessed. */
const TOKEN_PATH = /^\/(snooze|feeds)\//
/** More in a minute than scanners and people open, and far fewer than anybody guesses a token by. */
const MOST_A_MINUTE = 120

/** Lets each address open only so many links a minute; an answer for one that opens more. */
export function createLinkLimit(now?: () => number) {
  const opened = createWrongTries(now, MOST_A_MINUTE)
  return ({ url = '/' }: Pick<IncomingMessage, 'url'>, address: string): GatewayAnswer | null => {
    if (!TOKEN_PATH.test(url)) return null
    const waitSeconds = opened.waitSeconds(address)
    opened.count(address)
    if (waitSeconds === 0) return null
    const detail = `expected at most ${MOST_A_MINUTE} links a minute from one address, got more`
    return gatewayProblem(429, detail, { 'retry-after': String(waitSeconds) })
  }
}
