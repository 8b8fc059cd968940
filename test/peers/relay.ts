/** A wire before a simulated cloud: each request is noted, and goes on as it came. */
import { Agent, request } from 'undici'
import { onTestFinished } from 'vitest'
import type { Simulator } from '../../infra/simulator/index.ts'
import { type Received, startWire } from '../cloud/wire.ts'

export async function startRelay({ url }: Simulator) {
  const dispatcher = new Agent()
  onTestFinished(() => dispatcher.close())
  return startWire(async ({ method, target, headers, body }: Received) => {
    const answer = await request(`${url}${target}`, { method, headers, body: body || null, dispatcher })
    const { 'x-subject-token': token } = answer.headers
    const passedOn: Record<string, string> = typeof token === 'string' ? { 'x-subject-token': token } : {}
    return { status: answer.statusCode, body: await answer.body.text(), headers: passedOn }
  })
}
