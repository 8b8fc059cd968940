import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { CloudOptions } from '../../lib/cloud/http/options.ts'
import { createCloud } from '../../lib/cloud/registry.ts'
import { KEY, NOW, wireConnection } from './wire.ts'

const options = (overrides: Partial<CloudOptions> = {}): CloudOptions => ({
  connection: wireConnection('http://127.0.0.1:9'),
  secret: KEY,
  timeoutMs: 1000,
  now: () => NOW,
  random: () => 0,
  sleep: async () => undefined,
  ...overrides,
})

describe('a cloud', () => {
  it('is made from the secret’s JSON as well as from the secret', () => {
    expect(Object.keys(createCloud(options({ secret: JSON.stringify(KEY) })))).toEqual(
      Object.keys(createCloud(options())),
    )
  })

  it('is not made from a secret that lacks something', () => {
    expect(() => createCloud(options({ secret: {} }))).toThrow(/accessKey: .*secretKey: /)
  })

  it('loads its HTTP library when first called, and not before', () => {
    const cloud = fileURLToPath(new URL('../../lib/cloud/registry.ts', import.meta.url))
    const script = `
      import { createCloud } from ${JSON.stringify(cloud)}
      const loaded = () => globalThis[Symbol.for('undici.globalDispatcher.2')] !== undefined
      const options = ${JSON.stringify({ connection: options().connection, secret: KEY, timeoutMs: 1000 })}
      const cloud = createCloud({ ...options, now: Date.now, random: Math.random, sleep: async () => {} })
      const before = loaded()
      await cloud.request('ecs', { action: 'stop', mode: 'soft' }, ['a']).catch(() => {})
      console.log(before, loaded())
    `
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    expect([stdout.trim(), stderr]).toEqual(['false true', ''])
  })
})
