/** What stands in files, in folders of files and in the standard input: YAML or JSON, any number of documents in each. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml'
import { ALL_KINDS, factsOf } from './kinds.ts'

/** What is wrong with the files, a line for each problem. */
export class FileProblems extends Error {
  override name = 'FileProblems'
}

export interface FoundDocument {
  value: unknown
  /** Such as `policies.yml:12`: where a field of it stands, or else where it begins. */
  place(path?: string): string
}

const STANDARD_INPUT = '-'
const LISTS = ALL_KINDS.map(kind => factsOf(kind).plural as string)

/** What holds anchors alone, and is no document. */
const isAside = (name: string): boolean => name.startsWith('x-') || name === '$schema'

function attempt<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new FileProblems(`${file}: it cannot be read: ${why}`, { cause })
  }
}

/** The files of a folder, those of its folders too; a file is itself. */
function filesOf(path: string): string[] {
  if (path === STANDARD_INPUT || !attempt(path, () => statSync(path)).isDirectory()) return [path]
  const found = globSync('**/*.{yml,yaml,json}', { cwd: path }).toSorted()
  if (found.length === 0)
    throw new FileProblems(`${path}: expected files *.yml, *.yaml or *.json in it, got none`)
  return found.map(file => join(path, file))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `{policies: […], connections: […]}`, beside what holds anchors. */
const isCollection = (value: unknown): value is Record<string, unknown[]> =>
  isRecord(value) &&
  !Object.hasOwn(value, 'id') &&
  Object.entries(value).every(
    ([name, list]) => isAside(name) || (LISTS.includes(name) && Array.isArray(list)),
  ) &&
  Object.keys(value).some(name => LISTS.includes(name))

type Path = (string | number)[]

/** The values that are documents, each with where it is in the YAML. */
function documentPaths(value: unknown): { value: unknown; at: Path }[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((one, place) => ({ value: one, at: [place] }))
  if (!isCollection(value)) return [{ value, at: [] }]
  return LISTS.flatMap(list => (value[list] ?? []).map((one, place) => ({ value: one, at: [list, place] })))
}

/** The line of the last part of a path that stands in the text: what is an alias stands elsewhere. */
function lineAt(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

function readValue(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new FileProblems(`${file}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

function documentsIn(file: string, text: string): FoundDocument[] {
  const lines = new LineCounter()
  return [...parseAllDocuments(text, { lineCounter: lines, merge: true })].flatMap(document => {
    const [error] = document.errors
    if (error)
      throw new FileProblems(`${file}:${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`)
    return documentPaths(readValue(document as Document, file)).map(({ value, at }) => ({
      value,
      place: (path = '') =>
        `${file}:${lineAt(document as Document, lines, [...at, ...path.split('.').filter(Boolean)])}`,
    }))
  })
}

/** All documents of these files and folders; `-` is the standard input. Throws `FileProblems`. */
export const readDocuments = (paths: string[]): FoundDocument[] =>
  paths.flatMap(filesOf).flatMap(path => {
    const text = attempt(path, () => readFileSync(path === STANDARD_INPUT ? 0 : path, 'utf8'))
    return documentsIn(path === STANDARD_INPUT ? 'standard input' : path, text)
  })
