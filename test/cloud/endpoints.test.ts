import { expect, it } from 'vitest'
import { withoutProject } from '../../lib/cloud/http/place.ts'
import { endpointOf, jobPlace, serversPlace } from '../../lib/cloud/huawei/endpoints.ts'
import { PROJECT, wireConnection } from './wire.ts'

const connection = wireConnection('https://override.example', {
  region: 'ap-southeast-3',
  endpoints: { ecs: 'https://override.example' },
})

it('an endpoint follows from the region', () => {
  expect(endpointOf(connection, 'bms')).toBe('https://bms.ap-southeast-3.myhuaweicloud.com')
  expect(endpointOf(connection, 'iam')).toBe('https://iam.ap-southeast-3.myhuaweicloud.com')
})

it.each([
  ['cn-north-4', 'ecs.cn-north-4.myhuaweicloud.com', 'iam.cn-north-4.myhuaweicloud.com'],
  ['eu-west-101', 'ecs.eu-west-101.myhuaweicloud.eu', 'iam.eu-west-101.myhuaweicloud.eu'],
  ['eu-de', 'ecs.eu-de.otc.t-systems.com', 'iam.eu-de.otc.t-systems.com'],
  ['eu-nl', 'ecs.eu-nl.otc.t-systems.com', 'iam.eu-nl.otc.t-systems.com'],
  ['eu-ch2', 'ecs.eu-ch2.sc.otc.t-systems.com', 'iam-pub.eu-ch2.sc.otc.t-systems.com'],
  ['xx-new-9', 'ecs.xx-new-9.myhuaweicloud.com', 'iam.xx-new-9.myhuaweicloud.com'],
])('region %s is reached at the hosts of its site', (region, ecs, iam) => {
  const there = { ...connection, region, endpoints: {} }
  expect([endpointOf(there, 'ecs'), endpointOf(there, 'iam')]).toEqual([`https://${ecs}`, `https://${iam}`])
})

it('without a region IAM is reached where it serves all of them', () => {
  expect(endpointOf({ ...connection, region: '' }, 'iam')).toBe('https://iam.myhuaweicloud.com')
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
