/** `npm run deploy -- --stage NAME`: makes the archives and deploys them. Its arguments are those of `osls deploy`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { defaultProvider } from '@aws-sdk/credential-provider-node'

const args = process.argv.slice(2)

/** Why there are no AWS credentials; `null` when there are. */
async function credentialProblem(): Promise<string | null> {
  const { values } = parseArgs({ args, strict: false, options: { 'aws-profile': { type: 'string' } } })
  const profile = values['aws-profile']
  try {
    await defaultProvider(typeof profile === 'string' ? { profile } : {})()
    return null
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return reason.replace(/\.$/, '')
  }
}

async function deploy(): Promise<number> {
  await import('./build.ts')
  const osls = createRequire(import.meta.url).resolve('osls/bin/serverless.js')
  const child = spawn(process.execPath, [osls, 'deploy', ...args], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  return code ?? 1
}

const problem = await credentialProblem()
if (problem === null) process.exitCode = await deploy()
else {
  console.error(
    `No AWS credentials (${problem}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN ` +
      'where they are temporary, or AWS_PROFILE.',
  )
  process.exitCode = 1
}
