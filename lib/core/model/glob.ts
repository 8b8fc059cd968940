/** `*` is any text, `?` any one character; everything else is itself. Time grows with the product of both lengths at most. */
export function globMatches(glob: string, text: string): boolean {
  let [g, t, star, resume] = [0, 0, -1, 0]
  while (t < text.length) {
    if (glob[g] === '*') [star, resume] = [g++, t]
    else if (g < glob.length && (glob[g] === '?' || glob[g] === text[t])) [g, t] = [g + 1, t + 1]
    else if (star >= 0) [g, t] = [star + 1, ++resume]
    else return false
  }
  while (glob[g] === '*') g++
  return g === glob.length
}
