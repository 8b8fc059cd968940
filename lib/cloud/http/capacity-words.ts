/** Words that say, where no code does, that there was no room to start a server on. */

const NO_VALID_HOST = /\bno valid host\b/i
const NO_CAPACITY = /\bno valid host\b|\bcapacity\b|\binsufficient resources?\b|资源不足/i

/** Nova's own words, whatever comes with them. */
export const saysNoValidHost = (text: string): boolean => NO_VALID_HOST.test(text)
/** Around a failure that may have any cause. */
export function saysNoCapacity(text: string): boolean {
  // Some write what is not ASCII as escapes, once or within a text in a text.
  const plain = text.replace(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return NO_CAPACITY.test(plain)
}
