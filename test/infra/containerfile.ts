/** What a Containerfile says, as far as the one of this project goes: one instruction a line. */
import { readFileSync } from 'node:fs'

export interface Stage {
  /** Such as `COPY` with what follows it. */
  steps: { instruction: string; rest: string }[]
}

/** The stages of `infra/service/Containerfile`, in order. */
export function containerStages(): Stage[] {
  const lines = readFileSync('infra/service/Containerfile', 'utf8').split('\n')
  const stages: Stage[] = []
  for (const line of lines) {
    const [, instruction, rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (instruction === 'FROM') stages.push({ steps: [] })
    if (instruction !== undefined) stages.at(-1)!.steps.push({ instruction, rest })
  }
  return stages
}

export const restsOf = ({ steps }: Stage, instruction: string): string[] =>
  steps.filter(step => step.instruction === instruction).map(({ rest }) => rest)

/** The words of an instruction in the form of a JSON array, whatever options stand before it. */
export const wordsOf = (rest = ''): string[] => JSON.parse(/\[.*\]$/.exec(rest)?.[0] ?? '[]')
