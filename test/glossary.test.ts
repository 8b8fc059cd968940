import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The entries of docs/glossary.md: the first two columns of its tables. */
const glossaryEntries = (): string[] =>
  [...readFileSync('docs/glossary.md', 'utf8').matchAll(/^\| (?!word \|)(\w[^|]*) \| ([^|]*)\| .+\|$/gm)]
    .flatMap(([, word, derived]) => [word!, ...derived!.split(',')])
    .map(entry => entry.trim().toLowerCase())
    .filter(entry => entry !== '')

/** Connectives, and words that names are still to lose for the glossary's. */
const ALLOWED = ['in']

const glossaryWords = (): Set<string> =>
  new Set([...ALLOWED, ...glossaryEntries().flatMap(entry => entry.match(/[a-z]+/g) ?? [])])

/** `HttpProblem` as `http` and `problem`. */
const wordsOf = (name: string): string[] => (name.match(/[A-Z][a-z]*/g) ?? []).map(word => word.toLowerCase())

const singulars = (word: string): string[] => [
  word,
  word.replace(/s$/, ''),
  word.replace(/es$/, ''),
  word.replace(/ies$/, 'y'),
]

function unknownTypes(text: string, known: Set<string>): string[] {
  const names = [...text.matchAll(/^export (?:declare )?(?:abstract )?(?:type|interface|class) (\w+)/gm)]
  return names.flatMap(([, name]) => {
    const unknown = wordsOf(name!).filter(word => !singulars(word).some(one => known.has(one)))
    return unknown.map(
      word => `${name}: "${word}" is not in docs/glossary.md; use a word that is, or add its line there`,
    )
  })
}

test('the name of every exported type is made of words of the glossary', () => {
  const known = glossaryWords()
  const files = globSync('{functions,lib}/**/*.ts')
  expect(files.length).toBeGreaterThan(50)
  expect(files.flatMap(path => unknownTypes(readFileSync(path, 'utf8'), known))).toEqual([])
})

test('a word that is not in the glossary is found, a plural of one that is passes', () => {
  const known = new Set(['policy', 'batch', 'chunk'])
  expect(unknownTypes('export interface PolicyGadget {}\nexport type Frob = 1', known)).toEqual([
    'PolicyGadget: "gadget" is not in docs/glossary.md; use a word that is, or add its line there',
    'Frob: "frob" is not in docs/glossary.md; use a word that is, or add its line there',
  ])
  expect(unknownTypes('export type Policies = 1\nexport class ChunkBatches {}', known)).toEqual([])
})

test('no word stands twice in the glossary', () => {
  const entries = glossaryEntries()
  expect(entries.length).toBeGreaterThan(100)
  expect(entries.filter((entry, place) => entries.indexOf(entry) !== place)).toEqual([])
})
