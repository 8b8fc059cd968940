/** The OpenAPI document and the API behind it, judged by tools that others wrote. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { started } from '../local/started.ts'
import { installLinters, runTool } from './openapi-tools.ts'

const SCHEMATHESIS = join(import.meta.dirname, '../../.build/schemathesis/bin/st')
/** Nothing listens there: what a generated connection would reach outside this machine ends there. */
const CLOSED = 'http://127.0.0.1:9'

let folder: string
let url: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curfew-openapi-'))
  const local = started(['--port', '0', '--data', join(folder, 'data')], { HTTPS_PROXY: CLOSED })
  const text = await local.said(/Ticking each minute/)
  url = /HTTP +(\S+)/.exec(text)?.[1] ?? ''
  await writeFile(join(folder, 'openapi.json'), await (await fetch(`${url}/v1/openapi.json`)).text())
  return async () => {
    local.child.kill('SIGTERM')
    await local.ended
  }
})
afterAll(() => rm(folder, { recursive: true }))

test('Spectral finds nothing, by its rules for OpenAPI', async () => {
  await writeFile(join(folder, '.spectral.json'), '{"extends": ["spectral:oas"]}')
  const { spectral } = await installLinters()
  const args = ['lint', '--ruleset', '.spectral.json', '--fail-severity', 'hint', 'openapi.json']
  const { code, text } = await runTool(folder, spectral, args)
  expect(text).toContain("No results with a severity of 'hint' or higher found")
  expect(code).toBe(0)
})

test('Redocly finds nothing, by its recommended rules', async () => {
  const { redocly } = await installLinters()
  const { code, text } = await runTool(folder, redocly, ['lint', 'openapi.json'])
  expect(text).toContain('Your API description is valid')
  expect(text).not.toMatch(/warning/i)
  expect(code).toBe(0)
})

/**
 * What a schema cannot say (a connection that exists, a cursor of this list) is refused with right, and nobody is asked
 * for a token here. Clouds that do not answer are a 502, 503 or 504. What is too long to be read is a 431.
 */
const CONFIGURATION = `
# Longer than a list of all connections waits for clouds that do not answer.
request-timeout = 30
[checks]
ignored_auth.enabled = false
positive_data_acceptance.enabled = false
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 502, 503, 504]
negative_data_rejection.expected-statuses = [400, 404, 405, 409, 412, 413, 415, 422, 431]
`

test('Schemathesis finds no answer that the document does not allow', async () => {
  if (!existsSync(SCHEMATHESIS))
    throw new Error(
      'Schemathesis is not installed: python3 -m venv .build/schemathesis && ' +
        ".build/schemathesis/bin/pip install 'schemathesis==4.32.5' (Python 3.10 or newer)",
    )
  await writeFile(join(folder, 'schemathesis.toml'), CONFIGURATION)
  const args = ['--config-file', 'schemathesis.toml', 'run', 'openapi.json', '--url', url, '--seed', '1']
  const limits = ['--workers', '1', '--max-examples', '15', '--continue-on-failure', '--no-color']
  const { code, text } = await runTool(folder, SCHEMATHESIS, [...args, ...limits])
  expect(code, text).toBe(0)
  expect(text).toContain('Tested: ')
})
