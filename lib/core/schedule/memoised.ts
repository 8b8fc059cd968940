/**
 * `make`, answering from memory what it was asked before. Once it remembers `most` answers it forgets them all,
 * so that its memory stays bounded. What `make` throws is not remembered.
 */
export function memoiseAnswers<Key, Value extends object>(
  most: number,
  make: (key: Key) => Value,
): (key: Key) => Value {
  const answers = new Map<Key, Value>()
  return key => {
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = make(key)
    if (answers.size >= most) answers.clear()
    answers.set(key, answer)
    return answer
  }
}
