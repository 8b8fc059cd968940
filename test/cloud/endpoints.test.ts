import { expect, it } from 'vitest'
import { endpointOf, jobPlace, serversPlace, withoutProject } from '../../lib/cloud/huawei/endpoints.ts'
import { PROJECT, wireConnection } from './wire.ts'

const connection = wireConnection('https://override.example', {
  region: 'ap-southeast-3',
  endpoints: { ecs: 'https://override.example' },
})

it('an endpoint follows from the region', () => {
  expect(endpointOf(connection, 'bms')).toBe('https://bms.ap-southeast-3.myhuaweicloud.com')
  expect(endpointOf(connection, 'iam')).toBe('https://iam.ap-southeast-3.myhuaweicloud.com')
})

it('an endpoint that the connection gives goes before', () => {
  expect(endpointOf(connection, 'ecs')).toBe('https://override.example')
})

it('a job is asked for where it was made', () => {
  const at = (kind: 'ecs' | 'bms') => jobPlace(connection, kind, 'j').endpoint
  expect([at('ecs'), at('bms')]).toEqual([
    'https://override.example',
    'https://bms.ap-southeast-3.myhuaweicloud.com',
  ])
})

it('ECS and BMS have collections of their own', () => {
  expect(serversPlace(connection, 'ecs', 'action').path).toEqual(['v1', PROJECT, 'cloudservers', 'action'])
  expect(serversPlace(connection, 'bms', 'action').path).toEqual([
    'v1',
    PROJECT,
    'baremetalservers',
    'action',
  ])
})

it.each([
  [`https://nova.example/v2.1/${PROJECT}`, 'https://nova.example/v2.1'],
  [`https://nova.example/v2.1/${PROJECT}/`, 'https://nova.example/v2.1'],
  ['https://nova.example/v2.1', 'https://nova.example/v2.1'],
  ['https://nova.example/v2.1/', 'https://nova.example/v2.1/'],
  [`https://nova.example/x${PROJECT}`, `https://nova.example/x${PROJECT}`],
])('the endpoint %s is, without the project, %s', (given, plain) => {
  expect(withoutProject(given, PROJECT)).toBe(plain)
})
