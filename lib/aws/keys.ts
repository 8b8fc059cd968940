/**
 * Every key of the table, in one place.
 *
 * | item              | pk             | sk                        | index `due`       | index `runs`                        |
 * |-------------------|----------------|---------------------------|-------------------|-------------------------------------|
 * | connection        | CONNECTION#id  | CONNECTION                |                   | connections, id                     |
 * | its key's health  | CONNECTION#id  | HEALTH                    |                   |                                     |
 * | policy            | POLICY#id      | POLICY                    | due, nextDueAt    | policies, id                        |
 * | run               | RUN#id         | HEAD                      | due, its lease    | runs of its policy, dueAt and id    |
 * | its policy        | RUN#id         | POLICY                    |                   | runs, dueAt and id                  |
 * | left servers      | RUN#id         | LEFT#planning#part        |                   |                                     |
 * | chunk             | RUN#id         | CHUNK#planning#number#0   | due, its lease    |                                     |
 * | its outcomes      | RUN#id         | CHUNK#planning#number#1   |                   |                                     |
 * | its servers       | RUN#id         | CHUNK#planning#number#2   |                   |                                     |
 * | pace              | PACE#project   | kind                      |                   |                                     |
 * | settings          | SETTINGS       | SETTINGS                  |                   |                                     |
 */
import type { Key } from './table.ts'

const padded = (number: number): string => String(number).padStart(6, '0')

export const connectionKey = (id: string): Key => ({ pk: `CONNECTION#${id}`, sk: 'CONNECTION' })
export const healthKey = (id: string): Key => ({ pk: `CONNECTION#${id}`, sk: 'HEALTH' })
export const policyKey = (id: string): Key => ({ pk: `POLICY#${id}`, sk: 'POLICY' })
export const runKey = (id: string): Key => ({ pk: `RUN#${id}`, sk: 'HEAD' })
export const runPolicyKey = (id: string): Key => ({ pk: `RUN#${id}`, sk: 'POLICY' })
export const paceKey = (projectId: string, kind: string): Key => ({ pk: `PACE#${projectId}`, sk: kind })
export const SETTINGS_KEY: Key = { pk: 'SETTINGS', sk: 'SETTINGS' }

/** One planning of a run: what earlier ones left is never read. */
export interface PlanningId {
  runId: string
  planning: number
}
export interface ChunkId extends PlanningId {
  number: number
}
export const leftKey = ({ runId, planning, number }: ChunkId): Key => ({
  pk: `RUN#${runId}`,
  sk: `LEFT#${padded(planning)}#${padded(number)}`,
})
export const leftPrefix = ({ planning }: PlanningId): string => `LEFT#${padded(planning)}#`
export const chunksPrefix = ({ planning }: PlanningId): string => `CHUNK#${padded(planning)}#`
export const chunkPrefix = ({ planning, number }: ChunkId): string =>
  `CHUNK#${padded(planning)}#${padded(number)}#`
const chunkPart =
  (part: string) =>
  (id: ChunkId): Key => ({ pk: `RUN#${id.runId}`, sk: `${chunkPrefix(id)}${part}` })
export const chunkKey = chunkPart('0')
export const chunkOutcomesKey = chunkPart('1')
export const chunkServersKey = chunkPart('2')

/** The to-do list: whatever needs attention stands in index `due` with the instant at which it does. */
export const DUE = 'due'
export const dueAt = (instant: string): { dueKey: string; dueAt: string } => ({ dueKey: DUE, dueAt: instant })

/** Lists in index `runs`. */
export const CONNECTIONS = 'connections'
export const POLICIES = 'policies'
export const RUNS = 'runs'
export const runsOf = (policyId: string | undefined): string => `runs of ${policyId ?? 'manual requests'}`
