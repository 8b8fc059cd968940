/** A chunk's talk with a cloud that refuses every request with a bad member in it: decision by decision, and each call counted. */
import { ALL_TAKEN } from '../../../lib/core/model/accepted.ts'
import type { WholeChunk } from '../../../lib/core/model/chunk.ts'
import { CloudError } from '../../../lib/core/model/errors.ts'
import {
  type Advance,
  applyAccepted,
  type CallResult,
  withPendingRequest,
} from '../../../lib/core/stop/chunk-transitions.ts'
import { applyReread } from '../../../lib/core/stop/recheck-before-send.ts'
import { applyRefusal, settleRefused } from '../../../lib/core/stop/refusal.ts'
import { type ChunkDecision, nextChunkStep } from '../../../lib/core/stop/stop.ts'
import {
  aCloudError,
  aGuard,
  aPolicy,
  aRun,
  aServer,
  aWhole,
  causeNamed,
  type ServerOverrides,
  START,
} from '../../makers.ts'

interface Circumstances {
  size: number
  /** Places of the members that make the cloud refuse a request. */
  bad: Set<number>
  /** The code of the refusal, and its class. */
  code?: string
  refusalClass?: 'member' | 'unattributed'
  /** The request itself is refused, whoever is in it. */
  refusesAll?: boolean
  /** How a bad one looks to a read. */
  looks?: ServerOverrides
  /** Whether the refusal names one of them. */
  named?: boolean
  /** More than so many in a request are too many. */
  most?: number
}

export interface Exchanged {
  whole: WholeChunk
  /** The sizes of the requests, in their order, and how each was answered. */
  requests: { size: number; taken: boolean; call: 'request' | 'requestEach' }[]
  /** How many servers each read was for. */
  reads: number[]
  /** The longest that the to-do list was. */
  asks: number
}

const policy = aPolicy()
const run = aRun({ chunks: 1 })
const guard = aGuard()

type Refused = Required<Pick<Circumstances, 'refusalClass' | 'code'>>

/** No two in the same words: each tells its own request. */
function refusal(number: number, serverIds: string[], refused: Refused): CloudError {
  const requestId = `r-${number}`
  const { refusalClass, code } = refused
  const { details } = aCloudError(refusalClass, { code, serverIds, requestId })
  return new CloudError(`it said ${serverIds.join(' ')}, request ${requestId}`, details)
}

type Decided<K extends ChunkDecision['kind']> = Extract<ChunkDecision, { kind: K }>

/** Until nothing is left to be asked. */
export function exchange(circumstances: Circumstances): Exchanged {
  const { size, bad, looks = {}, named = false, most = 1000, refusesAll = false } = circumstances
  const { code = 'Ecs.0110', refusalClass = 'member' } = circumstances
  const places = Array.from({ length: size }, (_, place) => place)
  let whole = aWhole({ size, todo: [{ members: places, mode: 'soft', escalation: false }] })
  const badIds = new Set([...bad].map(place => whole.servers[place]!.id))
  const requests: Exchanged['requests'] = []
  const reads: Exchanged['reads'] = []
  let asks = 0
  const put = ({ chunk, settled }: Advance): void => {
    whole = { ...whole, chunk, settled: new Map([...whole.settled, ...settled]) }
    asks = Math.max(asks, chunk.todo.length)
  }

  function read({ kind, ids }: Decided<'read' | 'judge'>): void {
    reads.push(ids.length)
    const shown = ids.map(id => [id, aServer({ id, ...(badIds.has(id) ? looks : {}) })] as const)
    const seen = { servers: new Map(shown), selecting: policy, now: START }
    put(kind === 'read' ? applyReread(whole, seen) : settleRefused(whole, seen))
  }

  function answered(ids: string[], call: 'request' | 'requestEach'): CallResult {
    const guilty = ids.filter(id => badIds.has(id))
    const taken = { jobId: 'j', requestId: 'r', ...ALL_TAKEN }
    const isTooMany = ids.length > most
    const isRefused = guilty.length > 0 || refusesAll
    requests.push({ size: ids.length, taken: !isRefused && !isTooMany, call })
    if (call === 'requestEach' && guilty.length > 0)
      return applyAccepted(whole, {
        ...taken,
        refused: [{ ids: guilty, code, ...causeNamed(code), message: 'no' }],
      })
    if (isTooMany)
      return applyRefusal(
        whole,
        refusal(requests.length, [], { refusalClass: 'member', code: 'Ecs.0118' }),
        START,
      )
    if (!isRefused) return applyAccepted(whole, taken)
    const names = named ? guilty.slice(0, 1) : []
    return applyRefusal(whole, refusal(requests.length, names, { refusalClass, code }), START)
  }

  for (let steps = 0; steps < 10_000; steps++) {
    const decision = nextChunkStep({ whole, run, rules: policy }, guard)
    switch (decision.kind) {
      case 'follow':
      case 'done':
        return { whole, requests, reads, asks }
      case 'read':
      case 'judge':
        read(decision)
        break
      case 'ask': {
        put({ chunk: withPendingRequest(whole.chunk, decision.ask, START), settled: new Map() })
        const answer = answered(decision.ids, decision.call)
        put(answer.kind === 'advance' ? answer.advance : { chunk: answer.chunk, settled: new Map() })
        break
      }
      default:
        throw new Error(`unexpected: ${decision.kind}`)
    }
  }
  throw new Error('it goes on for ever')
}
