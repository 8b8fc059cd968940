import { expect, test } from 'vitest'
import { aPage, FOREIGN_HOST } from '../browser.ts'
import { aFolder } from './children.ts'
import { listening } from './ports.ts'
import { started } from './started.ts'

const FORMS = {
  'a DynamoDB call': {
    'x-amz-target': 'DynamoDB_20120810.ListTables',
    'content-type': 'application/x-amz-json-1.0',
  },
  'an SQS call': { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' },
  'plain text': { 'content-type': 'text/plain' },
  'a form': { 'content-type': 'application/x-www-form-urlencoded' },
}

/** All that a page may send to a port: with leave asked first, and without. */
const SEND = `async port => {
  const told = []
  const send = (path, init) => fetch('http://127.0.0.1:' + port + path, init)
    .then(answer => answer.text()).then(text => told.push(text), () => undefined)
  for (const path of ['/', '/_fauxqs', '/000000000000/plan?Action=ReceiveMessage']) {
    await send(path, {})
    await send(path, { mode: 'no-cors' })
    for (const headers of ${JSON.stringify(Object.values(FORMS))}) {
      await send(path, { method: 'POST', headers, body: '{}' })
      await send(path, { method: 'POST', mode: 'no-cors', body: 'Action=ListQueues' })
    }
  }
  return told.join('')
}`

test('a web page that has found the inner ports reads nothing there, and gets nothing but refusals', async () => {
  const running = started(['--no-simulator', '--port', '0', '--data', await aFolder()])
  const text = await running.said(/Ticking each minute/)
  const door = Number(new URL(/http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '').port)
  const ports = listening(running.child.pid!).map(({ port }) => port)
  const inner = ports.filter(port => port !== door)
  expect(inner.length).toBeGreaterThanOrEqual(2)
  const page = await aPage()
  const answers: { url: string; status: number }[] = []
  page.on('response', response => answers.push({ url: response.url(), status: response.status() }))
  // Of the door's own port, but of a name of the attacker's: refused as well, and yet a page with an origin.
  await page.goto(`http://${FOREIGN_HOST}:${door}/`)
  for (const port of inner) expect(await page.evaluate<string>(`(${SEND})(${port})`)).toBe('')
  const asked = new Set(answers.map(({ url }) => Number(new URL(url).port)))
  expect([...asked]).toEqual(expect.arrayContaining(inner))
  expect(answers.filter(({ status }) => status !== 403)).toEqual([])
})
