/** Exits with 0 where the Curfew on this machine says that its table and its queues answer, else with 1. */
const PATIENCE_MS = 8000
const [, , port = '3000'] = process.argv

async function isHealthy(): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/health`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const { ok } = (await response.json()) as { ok?: boolean }
  return ok === true
}

process.exitCode = (await isHealthy().catch(() => false)) ? 0 : 1
