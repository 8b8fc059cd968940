/** The data folder: whose it is, what it holds, and that one process alone uses it. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'
import { diskProblem, Problem } from './problem.ts'

export const State = z.object({
  /** Whether the folder was made for the simulated cloud; settled by its first start. */
  simulator: z.boolean(),
  /** Whether that is a plain OpenStack; settled with it. */
  openstack: z.boolean().default(false),
  /** How many projects it has; settled with it. */
  projects: z.int().min(1).default(1),
  /** When the sample was set up; `null` until it is whole. */
  sampleAt: z.iso.datetime().nullable(),
})
export type FolderState = z.infer<typeof State>

export interface Folder {
  path: string
  /** What was saved last; `null` in a folder that is new. */
  state(): FolderState | null
  saveState(state: FolderState): void
  /** Lets the next process have the folder. A process that dies, by whatever signal, does so too. */
  close(): void
}

/** Webhooks' addresses lie in the folder, and for many receivers those are secrets. */
const OWNER_ONLY = 0o700
const LOCK = 'lock.db'
const OWNER = 'owner.pid'
const STATE = 'curfew.json'
/** Less than this and a run could not be written down to its end. */
const MIN_FREE_BYTES = 16 * 1024 * 1024

/**
 * The data folder, made if absent and held by this process alone.
 *
 * Throws `Problem` naming the folder: when another process holds it (with that process's pid), when it is full,
 * cannot be written, is damaged, or holds other things than Curfew's.
 */
export function openFolder(options: { path: string; leastFreeBytes?: number }): Folder {
  const path = resolve(options.path)
  try {
    makeFolder(path)
    refuseForeign(path)
    chmodSync(path, OWNER_ONLY)
    refuseFull(path, options.leastFreeBytes ?? MIN_FREE_BYTES)
    const lock = acquired(path)
    writeFileSync(join(path, OWNER), String(process.pid))
    return {
      path,
      state: () => savedState(path),
      saveState: state => saveState(path, state),
      close: () => lock.close(),
    }
  } catch (error) {
    throw error instanceof Problem ? error : (diskProblem(error, path) ?? error)
  }
}

/**
 * Makes a folder and those above it. Node's own `recursive` never returns where a folder cannot be made in one that is
 * there, as in `/proc`.
 */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (!existsSync(dirname(path))) makeFolder(dirname(path))
  mkdirSync(path)
}

function refuseForeign(path: string): void {
  const names = readdirSync(path)
  const known = names.length === 0 || names.includes(STATE) || names.includes(LOCK)
  if (!known)
    throw new Problem(
      `${path} is no data folder: it holds other files (${names.slice(0, 3).join(', ')}). Expected a new or empty folder, or one that Curfew made.`,
      { exitCode: 2 },
    )
}

function refuseFull(path: string, leastBytes: number): void {
  const { bavail, bsize } = statfsSync(path)
  const freeBytes = bavail * bsize
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MB`
  if (freeBytes < leastBytes)
    throw new Problem(
      `The disk of the data folder ${path} is full: ${megabytes(freeBytes)} free, at least ${megabytes(leastBytes)} needed. Free some space and start again.`,
    )
}

/** SQLite's lock is the kernel's: it ends with its process, so what a kill leaves behind is never in the way. */
function acquired(path: string): DatabaseSync {
  const file = join(path, LOCK)
  const lock = new DatabaseSync(file)
  try {
    lock.exec('BEGIN IMMEDIATE')
    return lock
  } catch (error) {
    lock.close()
    if (!/locked/.test(String(error))) throw diskProblem(error, file) ?? error
    throw new Problem(
      `The data folder ${path} is in use by process ${owner(path)}. Stop that one first, or start with another folder: --data FOLDER.`,
      { cause: error },
    )
  }
}

function owner(path: string): string {
  try {
    return readFileSync(join(path, OWNER), 'utf8')
  } catch {
    return 'unknown'
  }
}

function savedState(path: string): FolderState | null {
  if (!readdirSync(path).includes(STATE)) return null
  const file = join(path, STATE)
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw (
      diskProblem(error, path) ??
      new Problem(
        `${file} is damaged: expected JSON with simulator, openstack and sampleAt. ` +
          'Put a copy of it back, or move the data folder away to start with an empty one.',
        { cause: error },
      )
    )
  }
}

/** Renamed into place, so that a kill or a loss of power leaves the old one or the new one. */
function saveState(path: string, state: FolderState): void {
  const file = join(path, STATE)
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state), { flush: true })
    renameSync(`${file}.new`, file)
  } catch (error) {
    throw diskProblem(error, path) ?? error
  }
}
