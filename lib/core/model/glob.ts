/** A test of texts: `*` is any text, `?` any one character (a code point), everything else is itself. */
export function globTest(glob: string): (text: string) => boolean {
  const [first, ...middle] = glob.split('*').map(part => [...part]) as [string[], ...string[][]]
  const last = middle.pop()
  if (last === undefined) return text => isWhole(first, [...text])
  const searches = middle.filter(part => part.length > 0).map(searchFor)
  return text => {
    const characters = [...text]
    const end = characters.length - last.length
    if (first.length > end || !matchesGlob(first, characters, 0) || !matchesGlob(last, characters, end))
      return false
    let at = first.length
    for (const search of searches) {
      at = search(characters, at, end)
      if (at < 0) return false
    }
    return true
  }
}

export const globMatches = (glob: string, text: string): boolean => globTest(glob)(text)

const isWhole = (part: string[], characters: string[]): boolean =>
  part.length === characters.length && matchesGlob(part, characters, 0)

function matchesGlob(part: string[], characters: string[], at: number): boolean {
  for (let index = 0; index < part.length; index++)
    if (part[index] !== '?' && part[index] !== characters[at + index]) return false
  return true
}

/** Where a part ends that is found between two places, as early as possible; -1 where it is not. */
type Search = (characters: string[], from: number, end: number) => number

const WORD = 32

/**
 * Shift-And: a bit for each character of the part says whether the text so far ends in the part up to there. No text makes
 * it start over, as comparing at each place does.
 */
function searchFor(part: string[]): Search {
  const words = Math.ceil(part.length / WORD)
  const lastBit = 1 << ((part.length - 1) % WORD)
  const anywhere = maskOf(part, '?')
  const masks = new Map([...new Set(part)].map(character => [character, maskOf(part, character)]))
  return (characters, from, end) => {
    const state = new Int32Array(words)
    for (let at = from; at < end; at++) {
      const mask = masks.get(characters[at]!) ?? anywhere
      let carry = 1
      for (let word = 0; word < words; word++) {
        const before = state[word]!
        state[word] = ((before << 1) | carry) & mask[word]!
        carry = before >>> (WORD - 1)
      }
      if (state[words - 1]! & lastBit) return at + 1
    }
    return -1
  }
}

/** The places of a part where a character of a text may stand. */
function maskOf(part: string[], character: string): Int32Array {
  const mask = new Int32Array(Math.ceil(part.length / WORD))
  for (const [place, one] of part.entries())
    if (one === '?' || one === character) mask[Math.floor(place / WORD)]! |= 1 << (place % WORD)
  return mask
}
