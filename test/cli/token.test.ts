import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readTokenLines, tokenDigest } from '../../lib/http/access/token-file.ts'
import { aFolder } from '../local/children.ts'
import { aPolicyBody } from '../makers.ts'
import { typed } from './terminal.ts'

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
    const surroundings = { cwd: here, env: { ...process.env, CURFEW_URL: address, ...env } }
    // It fails, since the connection of the policy is not there.
    await promisify(execFile)(process.execPath, [PROGRAM, 'diff', 'policies.json'], surroundings).catch(
      () => {},
    )
    server.close()
    return [...new Set(seen)]
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

describe('token', () => {
  const make = (name: string, ...more: string[]) => typed(['token', name, '--role', 'operate', ...more])

  test('shows a token alone where programs read, and once, and its line beside it', async () => {
    const { code, out, err } = await make('ada@example.com')
    expect([code, out]).toEqual([0, expect.stringMatching(/^curfew_[\w-]{43}$/)])
    expect(err).toMatch(new RegExp(`^ada@example\\.com operate ${tokenDigest(out)}$`, 'm'))
    expect(err).not.toContain(out)
    expect((await make('ada')).out).not.toBe(out)
  })

  test('adds its line to a file, which others may have edited or not made yet', async () => {
    const file = join(await aFolder(), 'tokens')
    const first = await make('ada', '--tokens', file)
    expect(first.err).toContain(`${file} has its line now`)
    writeFileSync(file, `# ours\n${readFileSync(file, 'utf8').trimEnd()}`)
    const second = await make('ada', '--tokens', file)
    expect(second.err).toContain('1 more of its lines is for ada: remove what is to be revoked.')
    const line = { name: 'ada', role: 'operate' }
    expect(readTokenLines(readFileSync(file, 'utf8'))).toEqual({
      lines: [first, second].map(({ out }) => ({ ...line, digest: tokenDigest(out) })),
      problems: [],
    })
    expect(readFileSync(file, 'utf8')).not.toContain('curfew_')
  })

  test.each([
    [['token', 'local', '--role', 'read'], 'name: expected any name but local and nobody, got "local"'],
    [['token', 'a b', '--role', 'read'], 'name: expected 1 to 64 letters, digits'],
    [['token', 'ada', '--role', 'root'], 'Allowed choices are read, operate, admin'],
    [['token', 'ada'], "required option '--role <role>' not specified"],
  ])('called as %j it exits with 2', async (args, message) => {
    const { code, out, err } = await typed(args)
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(message)])
  })
})
