/** Longer words than this are not compared: they are rarely typos, and comparing takes the product of both lengths. */
const LONGEST = 64
/** Of more words than this, only the first are compared. */
const MAX_WORDS = 5000

/** How many letters must be changed, added or left out to make one word of the other. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const changed = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row.at(-1)!
}

/** The word that was probably meant, upper or lower case; `null` when none of them resembles it. */
export function nearestWord(word: string, words: Iterable<string>): string | null {
  if (word.length > LONGEST) return null
  let best: string | null = null
  let least = Math.max(1, Math.floor(word.length / 2)) + 1
  let compared = 0
  for (const other of words) {
    if (++compared > MAX_WORDS) break
    if (other.length > LONGEST || Math.abs(other.length - word.length) >= least) continue
    const far = editDistance(word.toLowerCase(), other.toLowerCase())
    if (far < least) [best, least] = [other, far]
  }
  return best
}
