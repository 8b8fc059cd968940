/** What Nova's faults mean (Compute API, "Faults"), which Huawei Cloud's native calls answer with, too. */
import type { RefusalCause } from '../../core/model/errors.ts'
import { codeTable, type Meaning } from './codes.ts'

export const NOVA_MEANINGS = codeTable<Meaning>({
  member: 'itemNotFound conflictingRequest',
  parameter: 'badRequest forbidden',
})
export const NOVA_CAUSES = codeTable<RefusalCause>({ forbidden: 'forbidden' })
