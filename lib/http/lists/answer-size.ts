/** How long an answer may be, and how long one is. */

/** What Lambda takes of a function: its whole result, as JSON (quota "Invocation payload", 6 MB). */
const MAX_RESULT_BYTES = 6_291_556
/** A list ends its page here: the item that passes it is at most a stored document, of 400 KB, in each of both encodings. */
export const MAX_PAGE_BYTES = 4_000_000
/** No UTF-16 unit of a text takes more bytes than this in JSON within JSON, but for a control character. */
const MAX_BYTES_PER_UNIT = 7

/** The bytes of a value in an answer: as JSON, in the JSON that Lambda hands on, in UTF-8. */
export const encodedBytes = (value: unknown): number =>
  Buffer.byteLength(JSON.stringify(JSON.stringify(value)))

/** Whether Lambda would refuse a result. */
export const isTooLong = (result: { body?: string }): boolean =>
  (result.body?.length ?? 0) * MAX_BYTES_PER_UNIT > MAX_RESULT_BYTES &&
  Buffer.byteLength(JSON.stringify(result)) > MAX_RESULT_BYTES

/** How many of these, from the first, a page holds: at least one. */
export function countThatFit(items: unknown[]): number {
  let count = 0
  let bytes = 0
  for (const item of items) {
    bytes += encodedBytes(item)
    if (bytes > MAX_PAGE_BYTES) break
    count++
  }
  return Math.max(1, count)
}
