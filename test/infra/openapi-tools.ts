/** Tools that judge the OpenAPI document; too large for every `npm ci`, so that a check brings them itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import * as z from 'zod'

const FOLDER = join(import.meta.dirname, '../../.build/linters')
const VERSIONS = { '@stoplight/spectral-cli': '6.16.3', '@redocly/cli': '2.77.0' }
/** No word of a run leaves this machine. */
const QUIET = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' }

/** Both streams and the exit code of a program that was run in a folder. */
export async function runTool(folder: string, command: string, args: string[]) {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([
    readText(child.stdout),
    readText(child.stderr),
    once(child, 'close'),
  ])
  return { text: out + err, code: z.number().nullable().parse(code) }
}

async function isInstalled([name, version]: [string, string]): Promise<boolean> {
  const path = join(FOLDER, 'node_modules', name, 'package.json')
  return existsSync(path) && JSON.parse(await readFile(path, 'utf8')).version === version
}

/** Installs the linters into `.build/linters`, where they are not there in these versions; without any script of theirs. */
export async function installLinters(): Promise<{ spectral: string; redocly: string }> {
  const installed = await Promise.all(Object.entries(VERSIONS).map(isInstalled))
  if (installed.includes(false)) {
    await mkdir(FOLDER, { recursive: true })
    await writeFile(join(FOLDER, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }))
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
    const { code, text } = await runTool(FOLDER, 'npm', args)
    if (code !== 0) throw new Error(`The linters could not be installed into ${FOLDER}:\n${text}`)
  }
  const command = (name: string) => join(FOLDER, 'node_modules/.bin', name)
  return { spectral: command('spectral'), redocly: command('redocly') }
}
