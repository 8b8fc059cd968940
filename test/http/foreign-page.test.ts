import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { aPage, FOREIGN_HOST } from '../browser.ts'
import { httpWorld, policyBody } from './world.ts'

const KNOWN = 'only for those who may read'

/** A world behind the local run's door, with one policy in it. */
async function aDoor() {
  const world = await httpWorld()
  await world.ask('PUT', '/v1/policies/mine', { body: policyBody({ id: 'mine', description: KNOWN }) })
  const context = { getRemainingTimeInMillis: () => 29_000 }
  const gateway = await startGateway({
    port: 0,
    handler: event => world.handler(event, context as never),
    trouble: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
  onTestFinished(() => gateway.close())
  return { world, url: gateway.url }
}

/** An empty page of another origin. */
async function aForeignSite(): Promise<number> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const inText = (body: object) => JSON.stringify(JSON.stringify(body))
const POLICY = inText(policyBody({ id: 'theirs', selector: { all: true } }))

/** Each gives what a script of the page gets to know. */
const attempts = (url: string) => ({
  read: `fetch('${url}/v1/policies').then(answer => answer.text())`,
  'read without asking leave': `fetch('${url}/v1/policies', { mode: 'no-cors' }).then(answer => answer.text())`,
  'read a script': `new Promise(resolve => {
    const script = document.createElement('script')
    script.onload = script.onerror = event => resolve(event.type)
    script.src = '${url}/v1/policies'
    document.head.append(script)
  })`,
  'read a frame': `new Promise(resolve => {
    const frame = document.createElement('iframe')
    frame.onload = () => resolve(frame.contentDocument ? frame.contentDocument.body.innerText : 'closed')
    frame.src = '${url}/v1/policies'
    document.body.append(frame)
  })`,
  'put a policy': `fetch('${url}/v1/policies/theirs', {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: ${POLICY},
  }).then(answer => answer.text())`,
  'switch stops off': `fetch('${url}/v1/settings', {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"stopsEnabled":false}',
  }).then(answer => answer.text())`,
  'start a run as text': `fetch('${url}/v1/runs', {
    method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{"policyId":"mine"}',
  }).then(answer => answer.text())`,
  'start a run as a beacon': `navigator.sendBeacon('${url}/v1/runs', '{"policyId":"mine"}')`,
  'start a run by a form': `new Promise(resolve => {
    const frame = document.createElement('iframe')
    frame.name = 'answer'
    document.body.append(frame)
    frame.onload = () => resolve('sent')
    const form = document.createElement('form')
    Object.assign(form, { method: 'POST', enctype: 'text/plain', action: '${url}/v1/runs', target: 'answer' })
    const field = document.createElement('input')
    Object.assign(field, { type: 'hidden', name: '{"policyId":"mine","x":"', value: '"}' })
    form.append(field)
    document.body.append(form)
    form.submit()
  })`,
})

test.for([
  ['on another port of this machine', '127.0.0.1'],
  ['of another host', FOREIGN_HOST],
])('a web page %s reads nothing through the HTTP door and changes nothing', async ([, host]) => {
  const { world, url } = await aDoor()
  const before = await world.ask('GET', '/v1/policies')
  const page = await aPage()
  await page.goto(`http://${host}:${await aForeignSite()}/`)
  for (const [name, script] of Object.entries(attempts(url))) {
    const told = await page.evaluate<unknown>(`Promise.resolve(${script}).catch(error => String(error))`)
    expect(String(told), name).not.toContain(KNOWN)
  }
  expect((await world.ask('GET', '/v1/policies')).text).toBe(before.text)
  expect((await world.ask('GET', '/v1/runs')).body.items).toEqual([])
  expect((await world.ask('GET', '/v1/settings')).body).toMatchObject({ stopsEnabled: true })
})

test('a page whose own name has come to stand for this machine is refused, though it is of the door’s origin then', async () => {
  const { url } = await aDoor()
  const page = await aPage()
  const rebound = `http://${FOREIGN_HOST}:${new URL(url).port}`
  expect((await page.goto(`${rebound}/v1/policies`))?.status()).toBe(403)
  const told = await page.evaluate<string>(`fetch('/v1/policies').then(answer => answer.text())`)
  expect(told).not.toContain(KNOWN)
  // The same browser may read it by the door's own name.
  expect(await (await page.goto(`${url}/v1/policies`))?.text()).toContain(KNOWN)
})
