/** Names that come twice in one object: a JSON parser keeps the last one without a word. */

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs

/** An object or a list that is being read. */
interface Frame {
  /** `null` in a list. */
  names: Set<string> | null
  /** The name or the index of what is being read. */
  at: string | number
  /** Whether the next text is a name. */
  isAtName: boolean
}

const openedScope = (token: string): Frame =>
  token === '{' ? { names: new Set(), at: '', isAtName: true } : { names: null, at: 0, isAtName: false }

/** Takes up a name; false when the object had it already. */
function isNewName(frame: Frame, names: Set<string>, token: string): boolean {
  frame.at = JSON.parse(token) as string
  frame.isAtName = false
  if (names.has(frame.at)) return false
  names.add(frame.at)
  return true
}

/** Where the first of them stands, such as `selector.tags.env`; `null` where there is none. The text is valid JSON. */
export function doubledName(text: string): string | null {
  const frames: Frame[] = []
  for (const [token] of text.matchAll(TOKENS)) {
    const frame = frames.at(-1)
    if (token === '{' || token === '[') frames.push(openedScope(token))
    else if (token === '}' || token === ']') frames.pop()
    else if (token === ',' && typeof frame?.at === 'number') frame.at++
    else if (token === ',' && frame) frame.isAtName = true
    else if (frame?.isAtName && frame.names && !isNewName(frame, frame.names, token))
      return frames.map(({ at }) => at).join('.')
  }
  return null
}
