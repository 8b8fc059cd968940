/** Refuses requests that web pages of others send. */
import type { IncomingHttpHeaders } from 'node:http'

const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/

/**
 * Whether a request was not meant for this machine: a web page that was made to look as if it came from here names
 * another host or origin.
 */
export function isForeign({ host = '', origin = `http://${host}` }: IncomingHttpHeaders): boolean {
  return !OWN_HOST.test(host) || origin !== `http://${host}`
}
