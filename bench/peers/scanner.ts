/**
 * Reads `{"count":N,"servers":[{…},…]}` byte by byte as it comes, any order of fields: calls `each` with a server's id and
 * status. No page is ever held whole. It knows no escapes in what it reads out: evidence of what a page costs at least, no reader for the
 * product.
 */
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
const ROOT = 1
const SERVER = 3

export function createScanner(each: (id: string, status: string) => void) {
  let depth = 0
  let inText = false
  let escaped = false
  let keyNext = false
  let key = ''
  /** What came of a text of interest in earlier chunks; null: this text is of none. */
  let begun: string | null = null
  let digits = ''
  let id = ''
  let status = ''
  let servers = 0

  /** The end of a text that began before `from`, -1 where the chunk ends first. */
  function textEnd(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      if (escaped) escaped = false
      else if (bytes[at] === BACKSLASH) escaped = true
      else if (bytes[at] === QUOTE) return at
    }
    return -1
  }

  function took(text: string): void {
    if (keyNext) {
      key = text
      keyNext = false
    } else if (key === 'id') id = text
    else if (key === 'status') status = text
  }

  const atFields = () => depth === ROOT || depth === SERVER
  const isOfInterest = () =>
    atFields() && (keyNext || (depth === SERVER && (key === 'id' || key === 'status')))

  function mark(byte: number): void {
    if (byte === OPEN || byte === OPEN_LIST) {
      depth++
      keyNext = byte === OPEN && atFields()
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (depth === SERVER && byte === CLOSE) {
        servers++
        each(id, status)
      }
      depth--
    } else if (byte === COMMA) keyNext = atFields()
    else if (depth === ROOT && key === 'count' && byte >= 0x30 && byte <= 0x39)
      digits += String.fromCharCode(byte)
  }

  /** Reads on in a text; the place behind what was read. */
  function text(bytes: Buffer, at: number): number {
    const end = textEnd(bytes, at)
    const until = end < 0 ? bytes.length : end
    if (begun !== null) begun += bytes.toString('latin1', at, until)
    if (end < 0) return until
    inText = false
    if (begun !== null) took(begun)
    return end + 1
  }

  /** Reads on between texts; the place behind what was read. */
  function marks(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length && bytes[at] !== QUOTE) mark(bytes[at++]!)
    if (at === bytes.length) return at
    inText = true
    begun = isOfInterest() ? '' : null
    return at + 1
  }

  return {
    push(bytes: Buffer): void {
      let at = 0
      while (at < bytes.length) at = inText ? text(bytes, at) : marks(bytes, at)
    },
    count: () => Number(digits),
    servers: () => servers,
  }
}
