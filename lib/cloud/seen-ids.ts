/** Which ids were seen: of a million UUIDs some 30 MB are kept, where a `Set` of their texts takes four times as much. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** Of 32 bits, in a UUID. */
const WORDS = 4
const FIRST_PLACES = 1024

interface SeenIds {
  /** Whether it is new. */
  add(id: string): boolean
  size(): number
}

/** A table in which a UUID stands in the first free place from its own on; it is never more than three quarters full. */
export function seenIds(): SeenIds {
  let table = new Uint32Array(FIRST_PLACES * WORDS)
  let kept = 0
  /** Ids that are no UUIDs, and the UUID of zeros alone, which looks like a free place. */
  const texts = new Set<string>()
  /** The id that is being put into the table. */
  const words = new Uint32Array(WORDS)
  const bytes = Buffer.from(words.buffer)

  const isZero = (of: Uint32Array, at: number): boolean =>
    of[at] === 0 && of[at + 1] === 0 && of[at + 2] === 0 && of[at + 3] === 0

  const isHere = (at: number): boolean =>
    table[at] === words[0] &&
    table[at + 1] === words[1] &&
    table[at + 2] === words[2] &&
    table[at + 3] === words[3]

  /** Ids need not be random: each word stirs the place. */
  function place(): number {
    let stirred = 0
    for (let i = 0; i < WORDS; i++) {
      stirred = Math.imul(stirred ^ words[i]!, 0x9e3779b1)
      stirred ^= stirred >>> 15
    }
    return (stirred * WORDS) & (table.length - 1)
  }

  function put(): boolean {
    let at = place()
    while (!isZero(table, at)) {
      if (isHere(at)) return false
      at = (at + WORDS) & (table.length - 1)
    }
    table.set(words, at)
    return true
  }

  function grow(): void {
    const before = table
    table = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += WORDS) {
      if (isZero(before, at)) continue
      for (let i = 0; i < WORDS; i++) words[i] = before[at + i]!
      put()
    }
  }

  function addText(id: string): boolean {
    const before = texts.size
    return texts.add(id).size > before
  }

  return {
    add(id) {
      if ((kept + 1) * WORDS > 0.75 * table.length) grow()
      if (!UUID.test(id)) return addText(id)
      bytes.write(id.replaceAll('-', ''), 'hex')
      if (isZero(words, 0)) return addText(id)
      const isNew = put()
      if (isNew) kept++
      return isNew
    },
    size: () => kept + texts.size,
  }
}
