import { expect, test } from 'vitest'
import { proxyFor } from '../../../lib/core/documents/proxy.ts'

const PROXY = 'http://user:word@proxy.example:3128'
const through = (url: string, ...exceptions: string[]) => proxyFor(url, { url: PROXY, exceptions })

test.each([
  ['https://ecs.cn-north-4.myhuaweicloud.com'],
  ['https://ecs.example', 'other.example', 'cs.example'],
  ['https://ecs.example', 'ecs.example:8443'],
  ['https://ecs.example', 'www.ecs.example'],
  ['https://ecs.example', '', '.', '10.0.0.0/8'],
])('%s goes through the proxy, where the exceptions are %j and the like', (url, ...exceptions) => {
  expect(through(url, ...exceptions)).toBe(PROXY)
})

test.each([
  ['https://ecs.example', '*'],
  ['https://ecs.example', 'ecs.example'],
  ['https://ECS.example.', 'ecs.EXAMPLE'],
  ['https://ecs.example', 'example'],
  ['https://ecs.example', '.example'],
  ['https://ecs.example', '*.example'],
  ['https://ecs.example', 'ecs.example:443'],
  ['https://ecs.example:8443', 'other', 'ecs.example:8443'],
  ['https://10.1.2.3', '10.1.2.3'],
  ['https://[2001:db8::1]', '2001:db8::1'],
  ['https://[2001:db8::1]:8443', '[2001:db8::1]:8443'],
])('%s goes straight, for the exception %s', (url, ...exceptions) => {
  expect(through(url, ...exceptions)).toBeNull()
})

test.each(['http://127.0.0.1:5000', 'http://localhost:5000', 'http://[::1]:5000', 'https://127.8.8.8'])(
  '%s is on this machine: no proxy is asked for it, whatever the exceptions',
  url => expect(through(url)).toBeNull(),
)

test('without a proxy everything goes straight', () => {
  expect(proxyFor('https://ecs.example', null)).toBeNull()
})
