/** How functions are called in a process of their own: what Lambda's runtime does, over the channel between parent and child. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { FunctionName, FunctionSettings } from '../../infra/local/templates.ts'

export interface Called {
  number: number
  name: FunctionName
  event: unknown
  settings: FunctionSettings
}
export type Returned = { number: number; answer: unknown } | { number: number; error: string }

export interface Host {
  call(called: Omit<Called, 'number'>): Promise<unknown>
  end(): Promise<void>
}

export interface HostOptions {
  program: string
  /** The command that runs Node: with a processor of its own, where that can be had. */
  launcher: string[]
  flags: string[]
  env: Record<string, string | undefined>
  /** Told of each line that the functions print. */
  line: (text: string) => void
}

/** As many processes as there are calls at once, each with one call at a time, as Lambda has them. */
export function startHosts(start: () => Promise<Host>): Host {
  const all: Host[] = []
  const idle: Host[] = []
  async function another(): Promise<Host> {
    const host = await start()
    all.push(host)
    return host
  }
  return {
    async call(called) {
      const host = idle.pop() ?? (await another())
      const answer = await host.call(called)
      idle.push(host)
      return answer
    },
    async end() {
      await Promise.all(all.map(host => host.end()))
    },
  }
}

/** Starts the process and waits until its functions are loaded. */
export async function startHost({ program, launcher, flags, env, line }: HostOptions): Promise<Host> {
  const [execPath = process.execPath, ...first] = [...launcher, process.execPath]
  const child = fork(program, {
    execPath,
    execArgv: [...first, ...flags],
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    serialization: 'json',
  })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let rest = ''
  child.stdout?.on('data', chunk => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(line)
  })
  child.on('exit', code => {
    for (const one of waiting.values()) one.reject(new Error(`the functions' process ended with ${code}`))
  })
  await once(child, 'message')
  child.on('message', message => {
    const returned = message as Returned
    const one = waiting.get(returned.number)
    waiting.delete(returned.number)
    if ('error' in returned) one?.reject(new Error(returned.error))
    else one?.resolve(returned.answer)
  })
  let number = 0
  return {
    call(called) {
      const one = Promise.withResolvers<unknown>()
      waiting.set(++number, one)
      child.send({ number, ...called } satisfies Called)
      return one.promise
    },
    async end() {
      child.send('end')
      await once(child, 'exit')
    },
  }
}
