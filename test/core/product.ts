/** Every way to take one value for each field. */
export function* product<T extends Record<string, unknown>>(
  choices: {
    [K in keyof T]: readonly T[K][]
  },
): Generator<T> {
  const names = Object.keys(choices) as (keyof T)[]
  const lengths = names.map(name => choices[name].length)
  const total = lengths.reduce((product, length) => product * length, 1)
  for (let number = 0; number < total; number++) {
    let rest = number
    const taken = names.map((name, index) => {
      const place = rest % lengths[index]!
      rest = Math.floor(rest / lengths[index]!)
      return [name, choices[name][place]]
    })
    yield Object.fromEntries(taken) as T
  }
}
