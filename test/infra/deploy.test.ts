import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRelease } from '../aws/release.ts'

const REFUSAL = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>this account is closed</Message></Error><RequestId>1</RequestId></ErrorResponse>`
const CALLER = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ada</Arn>
<UserId>ada</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
let server: Server
const asked: Record<string, string>[] = []
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const call = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()))
    asked.push(call)
    const isCaller = call.Action === 'GetCallerIdentity'
    response.writeHead(isCaller ? 200 : 403, { 'content-type': 'text/xml' })
    response.end(isCaller ? CALLER : REFUSAL)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())

const deployed = async (variables: Record<string, string>) => {
  const release = await createRelease(variables)
  const ended = await release.run('npm', ['run', '--silent', 'deploy', '--', '--stage', 'try'])
  await release.close()
  return ended
}

test('a deployment gets as far as AWS, and says what AWS refused', async () => {
  const { port } = server.address() as AddressInfo
  const { code, text } = await deployed({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  })
  expect(asked.at(-1)).toMatchObject({ Action: 'DescribeStacks', StackName: 'curfew-try' })
  expect(text).toContain('this account is closed')
  expect(code).toBe(1)
})

test('a deployment without credentials says in one line that there are none, and what to set', async () => {
  const { code, text } = await deployed({})
  expect(text.trimEnd().split('\n')).toEqual([expect.stringMatching(/^No AWS credentials .*AWS_PROFILE\.$/)])
  expect(text).toContain('set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  expect(code).toBe(1)
})
