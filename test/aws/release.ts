/** A clean copy of what is deployed, in which the deployment's commands are run as an operator runs them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const PARTS = ['console', 'functions', 'infra', 'lib', 'package.json', 'serverless.yml', 'tsconfig.json']

interface Ended {
  code: number | null
  /** Everything it wrote. */
  text: string
}
export type Release = Awaited<ReturnType<typeof createRelease>>

export async function createRelease(variables: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-release-'))
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  // No file of the user's and no metadata service is asked for credentials.
  const own = { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' }
  const env = { PATH: process.env.PATH, ...own, ...variables }

  return {
    /** Runs a command to its end: such as `npm`, `['run', 'deploy']`. */
    async run(command: string, args: string[]): Promise<Ended> {
      const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let text = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
      const [code] = await once(child, 'close')
      return { code, text }
    },
    archive: (name: string) => readFile(join(folder, `.build/${name}.zip`)),
    template: async (): Promise<unknown> =>
      JSON.parse(
        await readFile(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
      ),
    /** As if the sources were those of another version. */
    async bump(version: string): Promise<void> {
      const file = join(folder, 'package.json')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace(/"version": "[^"]*"/, `"version": "${version}"`))
    },
    close: () => rm(folder, { recursive: true }),
  }
}
