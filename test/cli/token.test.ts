import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { aFolder } from '../local/children.ts'
import { aPolicyBody } from '../makers.ts'

describe('a Curfew that asks for a token', () => {
  const PROGRAM = fileURLToPath(new URL('../../cli/policies.ts', import.meta.url))

  /** What the command sends as its authorization, started in a folder where `token` is kept or nothing is. */
  async function sentBy({ token, env = {} }: { token?: string; env?: Record<string, string> }) {
    const here = await aFolder()
    writeFileSync(join(here, 'policies.json'), JSON.stringify(aPolicyBody()))
    if (token !== undefined) {
      mkdirSync(join(here, '.curfew'))
      writeFileSync(join(here, '.curfew/token'), token)
    }
    const seen: (string | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('{"items":[],"nextCursor":null}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await promisify(execFile)(process.execPath, [PROGRAM, 'diff', 'policies.json'], {
      cwd: here,
      env: { ...process.env, CURFEW_URL: address, ...env },
    })
    server.close()
    return seen
  }

  test('gets that of the data folder', async () => {
    expect(await sentBy({ token: 'kept\n' })).toEqual(['Bearer kept'])
  })

  test('gets that of CURFEW_TOKEN, which counts more', async () => {
    expect(await sentBy({ token: 'kept', env: { CURFEW_TOKEN: 'given' } })).toEqual(['Bearer given'])
  })

  test('gets none where there is none', async () => {
    expect(await sentBy({})).toEqual([undefined])
  })
})
