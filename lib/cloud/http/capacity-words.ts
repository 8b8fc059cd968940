/** Words that say, where no code does, that there was no room to start a server on. */

const NO_VALID_HOST = /\bno valid host\b/i
const NO_CAPACITY = /\bno valid host\b|\bcapacity\b|\binsufficient resources?\b|资源不足/i

/** Some write what is not ASCII as escapes, once or within a text in a text. */
const unescaped = (text: string): string =>
  text.replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** Nova's own words, whatever comes with them. */
export const saysNoValidHost = (text: string): boolean => NO_VALID_HOST.test(text)
/** Around a failure that may have any cause. */
export const saysNoCapacity = (text: string): boolean => NO_CAPACITY.test(unescaped(text))
