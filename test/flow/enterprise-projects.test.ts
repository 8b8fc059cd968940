import { expect, onTestFinished, test } from 'vitest'
import { createWorld } from './world.ts'

const OURS = '11111111-0000-4000-8000-000000000000'

test.each(['refused', 'empty'] as const)(
  'a key for one enterprise project stops its servers alone, and no members; its plain lists are %s',
  async elsewhere => {
    const world = await createWorld({
      servers: [
        ...Array.from({ length: 3 }, (_, place) => ({
          kind: 'ecs' as const,
          id: `ours-${place}`,
          name: `ours-${place}`,
          enterpriseProjectId: OURS,
        })),
        { kind: 'ecs', id: 'theirs', name: 'theirs' },
      ],
      scalingGroups: [{ name: 'web', made: ['ours-2'], enterpriseProjectId: OURS }, { name: 'other' }],
      switches: { granted: { projects: [OURS], elsewhere } },
    })
    onTestFinished(() => world.close())
    await world.connection()
    const policy = await world.policy({ selector: { all: true } })
    const [run] = await world.ended([await world.manualRun(policy)])
    expect(run).toMatchObject({ status: 'succeeded', summary: { matched: 3, stopped: 2 } })
    expect(run).toMatchObject({ codes: { 'skipped/in-scaling-group': 1 } })
    expect(world.simulator.server('ours-2')!.status).toBe('ACTIVE')
    expect(world.simulator.server('theirs')!.status).toBe('ACTIVE')
  },
)
