import { expect, onTestFinished, test } from 'vitest'
import { createWorld } from './world.ts'

const OURS = '11111111-0000-4000-8000-000000000000'

test.each(['refused', 'empty'] as const)(
  'a key for one enterprise project stops its servers alone; its plain list is %s',
  async elsewhere => {
    const world = await createWorld({
      servers: [
        ...Array.from({ length: 3 }, (_, place) => ({
          ...{ kind: 'ecs' as const, id: `ours-${place}`, name: `ours-${place}`, enterpriseProjectId: OURS },
        })),
        { kind: 'ecs', id: 'theirs', name: 'theirs' },
      ],
      switches: { granted: { projects: [OURS], elsewhere } },
    })
    onTestFinished(() => world.close())
    await world.connection()
    const policy = await world.policy({ selector: { all: true } })
    const [run] = await world.ended([await world.manualRun(policy)])
    expect(run).toMatchObject({ status: 'succeeded', summary: { matched: 3, stopped: 3 } })
    expect(world.simulator.server('theirs')!.status).toBe('ACTIVE')
  },
)
