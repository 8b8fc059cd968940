import { expect, test } from 'vitest'
import { aWireCloud, cloudErrorOf, PROJECT } from './wire.ts'

const flavor = (name: string, os_extra_specs: object) => ({ id: name, name, vcpus: '2', os_extra_specs })

test('flavors that are charged while off are those with disks or FPGAs of the host, and those that say so', async () => {
  const { cloud, received } = await aWireCloud(() => ({
    body: {
      flavors: [
        flavor('s6.large.2', { 'ecs:performancetype': 'normal' }),
        flavor('c7.large.2', { 'cond:operation:charge:stop': 'free' }),
        flavor('d3.xlarge.8', { 'quota:local_disk': 'hdd:2:1675:False' }),
        flavor('i3.2xlarge.8', { 'quota:nvme_ssd': 'large:1:1600' }),
        flavor('fp1.2xlarge.11', { 'ecs:performancetype': 'fpga' }),
        flavor('p2v.2xlarge.8', { 'cond:operation:charge:stop': 'charge' }),
        { id: 'bare' },
      ],
    },
  }))
  expect([...(await cloud.chargedFlavors())]).toEqual([
    'd3.xlarge.8',
    'i3.2xlarge.8',
    'fp1.2xlarge.11',
    'p2v.2xlarge.8',
  ])
  expect(received.map(({ path }) => path)).toEqual([`/v1/${PROJECT}/cloudservers/flavors`])
})

test('a key that may not list them is told which permission it lacks', async () => {
  const { cloud } = await aWireCloud(() => ({
    status: 403,
    body: { error: { code: 'Ecs.0110', message: 'Policy does not allow it' } },
  }))
  const { message } = await cloudErrorOf(cloud.chargedFlavors())
  expect(message).toContain('ecs:cloudServerFlavors:get')
})
