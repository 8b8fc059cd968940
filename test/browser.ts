import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const PACKAGE = '@sparticuz/chromium'
const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const { version } = JSON.parse(readFileSync(join(modules, PACKAGE, 'package.json'), 'utf8'))
/** Beside the package, so that both go together. */
const UNPACKED = join(modules, '.cache', `chromium-${version}`)

/** A name that the browser finds at this machine, as an attacker's name server would have it. */
export const FOREIGN_HOST = 'elsewhere.example'

/** Ours alone: the package's own switch off the same-origin policy and the isolation of sites. */
const ARGUMENTS = [
  '--headless=shell',
  // The archive holds no sandbox helper, and in a container root runs it.
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1`,
]

/** With this set the package unpacks the system libraries, too, which a small machine lacks. */
const ALL_LIBRARIES = { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }
const UNPACK = `await (await import('${PACKAGE}')).default.executablePath()`

/** Unpacks the browser, once for a version: aside first, so that a kill leaves nothing half done in its place. */
async function unpack(): Promise<void> {
  if (existsSync(UNPACKED)) return
  await mkdir(dirname(UNPACKED), { recursive: true })
  const aside = await mkdtemp(`${UNPACKED}-`)
  const env = { ...process.env, ...ALL_LIBRARIES, TMPDIR: aside }
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', UNPACK], { cwd: modules, env })
    await rename(aside, UNPACKED)
  } catch (error) {
    await rm(aside, { recursive: true, force: true })
    // Another test was quicker.
    if (!existsSync(UNPACKED)) throw error
  }
}

/** The package's own list of folders names none that is here, and a browser without fonts dies of the first text field. */
const fontsOf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(UNPACKED, 'fonts', 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`

/**
 * A real Chromium with all its protections: the one that comes with the development dependencies, or that of
 * `CHROMIUM_PATH` on machines which cannot run it. Throws when it does not start.
 */
async function launchBrowser(TMPDIR: string): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env
  const own = { ...process.env, TMPDIR }
  if (CHROMIUM_PATH) return chromium.launch({ executablePath: CHROMIUM_PATH, args: ARGUMENTS, env: own })
  await unpack()
  await writeFile(join(TMPDIR, 'fonts.conf'), fontsOf(TMPDIR))
  const env = {
    ...own,
    LD_LIBRARY_PATH: join(UNPACKED, 'al2023', 'lib'),
    FONTCONFIG_PATH: TMPDIR,
  }
  return chromium
    .launch({ executablePath: join(UNPACKED, 'chromium'), args: ARGUMENTS, env })
    .catch(cause => {
      throw new Error(`${PACKAGE} does not start here; set CHROMIUM_PATH to a Chromium that does`, { cause })
    })
}

/** A browser, and how to end it with all that it leaves in its temporary folder. */
export async function aBrowser(): Promise<{ browser: Browser; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'))
  const browser = await launchBrowser(folder)
  const close = async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return { browser, close }
}

/** A page in a browser of this test alone, gone with it. */
export async function aPage(): Promise<Page> {
  const { browser, close } = await aBrowser()
  onTestFinished(close)
  return browser.newPage()
}
