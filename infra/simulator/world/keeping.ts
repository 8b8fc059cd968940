/** Keeps a simulated cloud in a file from one start to the next. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ACTIONS_IN_CLOUD } from './actions.ts'
import type { Job } from './jobs.ts'
import type { PowerChange, ServerState } from './server.ts'
import type { Kept } from './state.ts'

const PAUSE_MS = 500

/** What the file holds; undefined when there is none. Throws when it is not a simulator's. */
export function keptIn(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined
  try {
    const kept: Kept | KeptStops = JSON.parse(readFileSync(file, 'utf8'))
    const isWhole = Array.isArray(kept.servers) && Array.isArray(kept.jobs)
    if (isWhole && kept.version === 2) return kept
    if (isWhole && kept.version === 1) return fromStops(kept)
  } catch (cause) {
    throw new Error(problem(file), { cause })
  }
  throw new Error(problem(file))
}
const problem = (file: string): string =>
  `${file} is not a simulated fleet of this version; remove it to begin with a new one`

/** A file from before there were starts. */
interface KeptStops extends Omit<Kept, 'version' | 'servers' | 'jobs'> {
  version: 1
  servers: (Omit<ServerState, 'change' | 'fault'> & { stop: OldStop | null })[]
  jobs: Omit<Job, 'action'>[]
}
interface OldStop extends Pick<PowerChange, 'type' | 'jobId' | 'endsAt'> {
  endsOff: boolean
}

function changeFrom({ endsOff, ...stop }: OldStop): PowerChange {
  return { action: 'stop', ...stop, end: endsOff ? ACTIONS_IN_CLOUD.stop.end : {} }
}

const fromStops = (kept: KeptStops): Kept => ({
  ...kept,
  version: 2,
  servers: kept.servers.map(({ stop, ...server }) => ({
    ...server,
    fault: null,
    change: stop === null ? null : changeFrom(stop),
  })),
  jobs: kept.jobs.map(job => ({ ...job, action: 'stop' })),
})

async function write(file: string, kept: Kept): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, JSON.stringify(kept))
  await rename(`${file}.new`, file)
}

/** Keeps what `kept` gives in a file, whole or not at all, at most half a second after a change and once more at the end. */
export function createKeeping(file: string, kept: () => Kept) {
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()

  function save(): Promise<void> {
    timer = null
    const saved = writing.then(() => write(file, kept()))
    // One that failed has told its caller; the next one tries again.
    writing = saved.catch(() => {})
    return saved
  }
  const warn = (error: Error): void =>
    process.emitWarning(`The simulated fleet could not be kept in ${file}: ${error.message}`)

  return {
    changed(): void {
      timer ??= setTimeout(() => void save().catch(warn), PAUSE_MS)
    },
    async close(): Promise<void> {
      if (timer !== null) clearTimeout(timer)
      await save()
    },
  }
}
