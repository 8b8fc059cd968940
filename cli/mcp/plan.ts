/** A change is shown as a plan first, and made when the hash of that plan comes back while it is still the plan. */
import { createHmac, randomBytes } from 'node:crypto'
import * as z from 'zod'
import { canonicalText } from '../../lib/core/documents/canonical.ts'
import { addTool, type Tool, type Tools } from './tool.ts'

export interface Plan {
  /** What would be done, for a person. */
  summary: string
  /** All that it depends on: where any of this differs later, it is another plan. */
  facts: object
  /** Why nothing would be done; absent: it can be. */
  nothing?: string
}

interface Change<S extends z.ZodRawShape> extends Omit<Tool<S>, 'annotations' | 'run'> {
  /** Whether what it does cannot be taken back by itself. */
  isDestructive: boolean
  plan: (input: z.output<z.ZodObject<S>>) => Promise<Plan>
  /** `key`: the same for the same plan, until it was carried out. */
  act: (input: z.output<z.ZodObject<S>>, key: string) => Promise<object>
}

const HASH = z
  .string()
  .optional()
  .describe(
    'planHash of the plan that this tool answered, once a person agreed to it; absent: nothing is done',
  )

/** Nobody can make up the hash of a plan that this process did not show. */
const KEY = randomBytes(32)

const hashOf = (plan: object): string => createHmac('sha256', KEY).update(canonicalText(plan)).digest('hex')

/** How often each plan was carried out: shown again after that it is another plan, to which no person has agreed. */
const carriedOut = new Map<string, number>()

const FIRST =
  'Answers with a plan and does nothing. Show the plan to the person you work for; when that person agrees, call ' +
  'again with the same arguments and its planHash.'

/** Adds a tool that changes something: shown first, done second. */
export function addChange<S extends z.ZodRawShape>(tools: Tools, change: Change<S>): void {
  const { name, isDestructive, description } = change
  addTool(tools, {
    name,
    description: `${description} ${FIRST}`,
    input: { ...change.input, planHash: HASH },
    annotations: { readOnlyHint: false, destructiveHint: isDestructive, openWorldHint: false },
    run: async given => {
      const { planHash, ...rest } = given as { planHash?: string }
      const input = rest as z.output<z.ZodObject<S>>
      const { summary, facts, nothing } = await change.plan(input)
      if (nothing !== undefined) return { done: false, summary, because: nothing, plan: facts }
      const plan = hashOf({ tool: name, input, facts })
      const times = carriedOut.get(plan) ?? 0
      const hash = hashOf({ plan, times })
      if (planHash === hash) {
        const answer = await change.act(input, `mcp-${hash}`)
        carriedOut.set(plan, times + 1)
        return { done: true, answer }
      }
      const shown = { done: false, summary, plan: facts, planHash: hash }
      return planHash === undefined ? shown : { ...shown, because: OTHER_PLAN }
    },
  })
}

const OTHER_PLAN =
  'expected the planHash of this plan, got another one: what would be done is not what was shown. Show this plan.'
