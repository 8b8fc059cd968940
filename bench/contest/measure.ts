/** One contestant, once: what it used, what it says, and whether the cloud agrees. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Kind } from '../../lib/core/model/model.ts'
import type { Settings } from '../cloud/settings.ts'
import type { Seen } from '../cloud/state.ts'
import type { Said } from '../peers/asked.ts'
import type { Cloud } from './cloud.ts'
import type { Contestant } from './contestants.ts'
import { busy, busySince } from './machine.ts'

export interface Used {
  name: string
  wallMs: number
  cpuMs: number
  rssMb: number
}
export interface Measured {
  /** Every target was asked once at most and is as the contestant says. */
  isTrue: boolean
  workMs: number
  /** Over all its processes; the most memory of any one. */
  cpuMs: number
  rssMb: number
  processes: Used[]
  seen: Seen
  /** Of the servers that were up, those that are off. */
  stoppedShare: number
  /** What anything else took of the machine meanwhile: a high one voids the row. */
  otherLoad: number
}

const probe = resolve('bench/probe.mjs')

export interface Terms {
  cloud: Cloud
  kind: Kind
  settings: Partial<Settings>
  pollMs: number
  /** Stops a minute, for contestants that know the limits: `50/60`. */
  pace: string
}

function environment({ env, measured, knowsLimits }: Contestant, terms: Terms, probeOut: string) {
  const { cloud, kind, settings, pollMs, pace } = terms
  const load = `--import ${probe}`
  return {
    ...process.env,
    HOME: probeOut,
    PROBE_OUT: probeOut,
    ...(measured === 'itself' ? { NODE_OPTIONS: load } : {}),
    CLOUD_URL: cloud.url,
    PROJECT: '0123456789abcdef0123456789abcdef',
    AK: 'AKBENCH0000000000000',
    SK: 'benchSecretKey0123456789abcdefghijklmnop',
    KIND: kind,
    POLL_MS: String(pollMs),
    JOB_MS: String(settings.jobMs ?? 1000),
    LATENCY: String(settings.latencyMs ?? 40),
    ...(knowsLimits ? { PACE: pace } : {}),
    ...env,
    ...(measured === 'children' ? { MEASURED_FLAGS: `${load} ${env.MEASURED_FLAGS ?? ''}` } : {}),
  }
}

async function said(contestant: Contestant, env: NodeJS.ProcessEnv): Promise<Partial<Said>> {
  const [command = '', ...words] = contestant.command
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'], env })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  const [code] = (await once(child, 'close')) as [number]
  const last = text.split('\n').findLast(line => line.startsWith('{'))
  return code === 0 && last ? JSON.parse(last) : {}
}

function usedBy(folder: string): Used[] {
  const files = readdirSync(folder).filter(name => /^\d+\.json$/.test(name))
  return files.map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Used)
}

function isTrue(claim: Partial<Said>, seen: Seen, kind: Kind): boolean {
  const fleet = seen.fleets[kind]
  if (!fleet || claim.stopped === undefined || claim.failed === undefined) return false
  return (
    fleet.asked === fleet.activeAtStart &&
    claim.stopped + claim.failed === fleet.activeAtStart &&
    fleet.up === claim.failed &&
    seen.askedAgain === 0 &&
    seen.askedWhileOff === 0 &&
    seen.unknownIds === 0
  )
}

export async function measure(contestant: Contestant, terms: Terms): Promise<Measured> {
  const { cloud, kind } = terms
  const folder = mkdtempSync(join(tmpdir(), 'curfew-bench-'))
  const before = busy()
  const beganMs = performance.now()
  const claim = await said(contestant, environment(contestant, terms, folder))
  const wallMs = performance.now() - beganMs
  const machine = busySince(before)
  const seen = await cloud.seen()
  const processes = usedBy(folder)
  rmSync(folder, { recursive: true })
  const cpuMs = processes.reduce((sum, one) => sum + one.cpuMs, 0)
  const fleet = seen.fleets[kind]
  return {
    isTrue: isTrue(claim, seen, kind),
    workMs: claim.workMs ?? wallMs,
    cpuMs,
    rssMb: Math.max(0, ...processes.map(({ rssMb }) => rssMb)),
    processes,
    seen,
    stoppedShare: fleet ? fleet.stopped / fleet.activeAtStart : 0,
    otherLoad: Math.max(0, machine.busyMs - cpuMs - seen.cpuMs) / machine.totalMs,
  }
}
