/** Flavours that cost the same while their servers are off. */
import * as z from 'zod'
import { fieldsOf, textOf } from '../../fields.ts'
import { serversPlace } from '../endpoints.ts'
import type { Huawei } from '../page.ts'

const FlavorList = z.object({
  flavors: z.array(
    z.object({ id: z.string(), name: z.unknown().optional(), os_extra_specs: z.unknown().optional() }),
  ),
})

/**
 * ECS API reference, "Data Structure for Querying Details About Specifications"; ECS user guide, "Billing": disks inside the host and
 * FPGAs cost while a server is off, and so does what says so itself.
 */
function isCharged(specs: Record<string, unknown>): boolean {
  const hasLocalDisk = ['quota:local_disk', 'quota:nvme_ssd'].some(name => textOf(specs[name]) !== '')
  const isFpga = specs['ecs:performancetype'] === 'fpga' || specs['pci_passthrough:enable_fpga'] === 'true'
  return specs['cond:operation:charge:stop'] === 'charge' || hasLocalDisk || isFpga
}

/** Their names, among all that the project may use. Throws `CloudError`. */
export async function listChargedFlavors({ connection, ask }: Huawei): Promise<ReadonlySet<string>> {
  const { value } = await ask({
    what: 'list of ECS flavors',
    method: 'GET',
    ...serversPlace(connection, 'ecs', 'flavors'),
    answer: FlavorList,
    permission: 'ecs:cloudServerFlavors:get',
  })
  return new Set(
    value.flavors.flatMap(({ id, name, os_extra_specs }) =>
      isCharged(fieldsOf(os_extra_specs)) ? [id, ...(textOf(name) ? [textOf(name)] : [])] : [],
    ),
  )
}
