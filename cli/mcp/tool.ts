/** What the tools of the MCP server share: how one is called, and what it answers. */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js'
import * as z from 'zod'
import type { Api } from '../api.ts'
import { curfewUrl } from '../authorize.ts'
import type { Terminal } from '../screen/terminal.ts'
import { adviceFor, Refused } from '../send.ts'

/** Where tools are added, and what they ask. */
export interface Tools {
  server: McpServer
  api: Api
  terminal: Terminal
}

export interface Tool<S extends z.ZodRawShape> {
  name: string
  description: string
  input: S
  annotations: ToolAnnotations
  /** What it answers, as JSON. */
  run: (input: z.output<z.ZodObject<S>>) => Promise<object>
}

/** A program reads both: some clients know only the text. */
function resultOf(value: object): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(value) }],
    structuredContent: value as Record<string, unknown>,
  }
}

/** The field, what was expected and what came, as the API says it. */
function problemOf(error: unknown, { env }: Terminal): CallToolResult {
  const message =
    error instanceof Refused ? error.detail : error instanceof Error ? error.message : String(error)
  const fields = error instanceof Refused && error.errors.length > 1 ? error.errors : []
  const lines = fields.map(one => `${one.path}: ${one.message}`)
  const text = [message, ...lines, ...adviceFor(error, curfewUrl(env), env)]
  return { isError: true, content: [{ type: 'text', text: text.join('\n') }] }
}

export function addTool<S extends z.ZodRawShape>({ server, terminal }: Tools, tool: Tool<S>): void {
  const { name, description, annotations, run } = tool
  const schema = z.strictObject(tool.input)
  server.registerTool(name, { description, inputSchema: schema, annotations }, async (input: unknown) => {
    try {
      return resultOf(await run(schema.parse(input) as z.output<z.ZodObject<S>>))
    } catch (error) {
      return problemOf(error, terminal)
    }
  })
}
