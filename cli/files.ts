/** Policies as they stand in files: YAML or JSON, any number of documents in each, any of them a list. */
import { readFileSync } from 'node:fs'
import { LineCounter, parseAllDocuments } from 'yaml'
import { checkInput } from '../lib/core/documents/problem.ts'
import { Policy } from '../lib/core/model/model.ts'

/** What is wrong with the files, a line for each problem. */
export class FileProblems extends Error {
  override name = 'FileProblems'
}

interface Found {
  /** Such as `policies.yml:12`. */
  at: string
  value: unknown
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new FileProblems(`${file}: it cannot be read: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
}

function documents(file: string): Found[] {
  const lines = new LineCounter()
  return parseAllDocuments(contents(file), { lineCounter: lines }).flatMap(document => {
    const at = `${file}:${lines.linePos(document.contents?.range?.[0] ?? 0).line}`
    const [error] = document.errors
    if (error)
      throw new FileProblems(`${file}:${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`)
    const value: unknown = document.toJS()
    if (value === null) return []
    return Array.isArray(value)
      ? value.map((one, index) => ({ at: `${at}[${index}]`, value: one }))
      : [{ at, value }]
  })
}

/** `$schema` is for editors. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { $schema: _, ...rest } = value as Record<string, unknown>
  return rest
}

/** The policies of the files. Throws `FileProblems` that names each file, line and field, before anything is sent anywhere. */
export function policiesOf(files: string[]): Policy[] {
  const problems: string[] = []
  const places = new Map<string, string>()
  const policies = files.flatMap(documents).flatMap(({ at, value }) => {
    const result = checkInput(Policy, withoutSchema(value))
    if (!result.ok) {
      problems.push(...result.errors.map(({ path, message }) => `${at}: ${path}: ${message}`))
      return []
    }
    const { id } = result.value
    const before = places.get(id)
    if (before !== undefined)
      problems.push(`${at}: id: expected each policy once, got "${id}" in ${before} as well`)
    places.set(id, at)
    return [result.value]
  })
  if (problems.length > 0) throw new FileProblems(problems.join('\n'))
  return policies
}
