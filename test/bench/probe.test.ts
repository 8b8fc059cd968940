/** What a measured program used is its own, not of the process that started it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const HELD_MB = 400

test('the peak memory of a program does not count what the process held that started it', () => {
  const held = Buffer.alloc(HELD_MB * 2 ** 20, 1)
  const folder = mkdtempSync(join(tmpdir(), 'curfew-probe-'))
  execFileSync(process.execPath, ['--import', resolve('bench/probe.mjs'), '-e', '0'], {
    env: { ...process.env, NODE_OPTIONS: '', PROBE_OUT: folder },
  })
  const [name] = readdirSync(folder)
  const { rssMb } = JSON.parse(readFileSync(join(folder, name!), 'utf8'))
  rmSync(folder, { recursive: true })
  expect(rssMb).toBeGreaterThan(10)
  expect(rssMb).toBeLessThan(held.length / 2 ** 20)
})
