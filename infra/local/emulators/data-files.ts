/** Finds damaged files of the table before they are opened. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { findDamageInLog, findDamageInTable } from './leveldb-files.ts'

interface FileKind {
  name: RegExp
  findDamage: (bytes: Buffer) => number | null
  advice: (folder: string) => string
}

const KINDS: FileKind[] = [
  {
    name: /^\d+\.log$/,
    findDamage: findDamageInLog,
    advice: folder =>
      `Put a copy of ${folder} back, or move it away to start with an empty one. ` +
      'Moving only this file away keeps what was stored before the last start, and loses what came after it.',
  },
  {
    name: /^\d+\.(ldb|sst)$/,
    findDamage: findDamageInTable,
    advice: folder => `Put a copy of ${folder} back, or move it away to start with an empty one.`,
  },
]

/** Throws `Problem` naming a file of the table that does not match its checksums. Before LevelDB opens it: that deletes it. */
export function refuseDamagedFiles(folder: string): void {
  for (const name of namesIn(folder)) {
    const kind = KINDS.find(one => one.name.test(name))
    if (kind === undefined) continue
    const file = join(folder, name)
    const at = kind.findDamage(readFileSync(file))
    if (at !== null)
      throw new Problem(
        `${file} is damaged (what it holds at byte ${at} does not match its checksum). ${kind.advice(folder)}`,
      )
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
