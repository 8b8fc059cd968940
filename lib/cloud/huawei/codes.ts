/** What Huawei Cloud's codes mean (ECS, BMS and BSS API reference, "Error Codes"; API gateway, "Error Codes"). */
import type { SubJobCause } from '../../core/model/cloud.ts'
import type { RefusalCause } from '../../core/model/errors.ts'
import { saysNoCapacity, saysNoValidHost } from '../http/capacity-words.ts'
import { type Codes, codeTable, type Meaning } from '../http/codes.ts'

/** Nova's faults (Compute API, "Faults"), which the native calls answer with. */
const NOVA_MEANINGS = codeTable<Meaning>({
  member: 'itemNotFound conflictingRequest',
  parameter: 'badRequest forbidden',
})
const NOVA_CAUSES = codeTable<RefusalCause>({ forbidden: 'forbidden' })

const MEANINGS = codeTable<Meaning>({
  throttled: 'APIGW.0308 Common.0024 Common.1503 BMS.0212',
  unavailable: 'APIGW.0613 BMS.0006 Common.0025 Ecs.0301 Ecs.1100',
  unclear: `Common.0001 Common.0020 Common.0021 Common.0022 Common.0999 Ecs.0002 Ecs.0226 Ecs.0227 Ecs.1000 Ecs.1001
    Ecs.1002 BMS.1006 BMS.1007`,
  credentials: 'APIGW.0301 APIGW.0303 APIGW.0305 APIGW.0307 Common.0013 BMS.0032',
  member: `Ecs.0018 Ecs.0030 Ecs.0044 Ecs.0100 Ecs.0110 Ecs.0114 Ecs.0118 Ecs.0319 Ecs.0603 Ecs.0605 Ecs.0611 Ecs.0614 BMS.0035 BMS.0036 BMS.0037
    BMS.0038 BMS.0039 BMS.0040 BMS.0205 BMS.0288 BMS.0360 BMS.0605 Pdp.0001`,
  parameter: 'Ecs.0000 Ecs.0005 BMS.0001 BMS.0018 BMS.0022',
  refused: `CBC.0100 CBC.0101 CBC.0151 CBC.0155 CBC.6006 CBC.6074 CBC.99006006 CBC.99006055
    Common.0002 Common.0018 Ecs.0003 Ecs.0023 Ecs.0066 Ecs.0067 Ecs.0068 Ecs.0069 Ecs.0070 Ecs.0071
    BMS.0002 BMS.0004 BMS.0005 BMS.0033`,
})

/** A flavour, or its kind of disk, is sold out. Of a start; a create has others. */
const NO_CAPACITY = 'Ecs.0018 Ecs.0044 Ecs.0319'
/** "Failed to start", and an error of Nova's whatever it is. */
const WRAPPERS: ReadonlySet<string> = new Set(['Ecs.0226', 'Ecs.1000'])

const CAUSES = codeTable<RefusalCause>({
  locked: 'Ecs.0605 BMS.0605',
  frozen: 'Ecs.0030 BMS.0360',
  'not-found': 'Ecs.0114 Ecs.0614 BMS.0040',
  forbidden: 'Ecs.0110 Pdp.0001 BMS.0288 CBC.0151 CBC.0155',
  'too-many': 'Ecs.0118 BMS.0205',
  'no-capacity': NO_CAPACITY,
})

const SUB_JOB_CAUSES = codeTable<SubJobCause>({
  'already-done': 'BMS.0038 BMS.0039',
  // Being stopped: done already to a stop, in the way of a start.
  'wrong-state': 'Ecs.0100 BMS.0036',
  busy: 'Ecs.0603 BMS.0035 BMS.0037 BMS.0212 Common.0024',
  locked: 'Ecs.0605 BMS.0605',
  frozen: 'Ecs.0030 BMS.0360',
  'not-found': 'Ecs.0114 Ecs.0614 BMS.0040',
  'no-capacity': NO_CAPACITY,
})

/** Why a sub-job failed; `null` where neither its code nor its words tell. */
export function subJobCause(code: string | null, words: string): SubJobCause | null {
  const byCode = SUB_JOB_CAUSES.get(code ?? '')
  if (byCode !== undefined) return byCode
  const isFull = saysNoValidHost(words) || (WRAPPERS.has(code ?? '') && saysNoCapacity(words))
  return isFull ? 'no-capacity' : null
}

/** The gateway takes signatures of the last 15 minutes only. */
function isClockProblem({ code, message }: { code: string | null; message: string }): boolean {
  if (code !== null && /^APIGW?\.0305$/.test(code)) return true
  // A refused signature is answered with the whole canonical request, x-sdk-date and all.
  const [own = ''] = message.split(/canonicalRequest/i)
  return /signature (has )?expired|x-sdk-date|timestamp|\bclock\b/i.test(own)
}

/** Some regions' gateways write `APIG` where the others write `APIGW`. */
const BOTH_SPELLINGS = [...MEANINGS].flatMap(([code, meaning]): [string, Meaning][] => [
  [code, meaning],
  [code.replace(/^APIGW\./, 'APIG.'), meaning],
])

export const HUAWEI_CODES: Codes = {
  meanings: new Map([...NOVA_MEANINGS, ...BOTH_SPELLINGS]),
  causes: new Map([...NOVA_CAUSES, ...CAUSES]),
  wrappers: WRAPPERS,
  isGateway: code => /^APIGW?\./.test(code),
  isClockProblem,
}
