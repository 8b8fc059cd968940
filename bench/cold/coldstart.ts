/**
 * From starting Node to a function that is ready, and to its first answer, for what is deployed and for what others would deploy. The
 * table answers at once and has nothing due.   node bench/cold/coldstart.ts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { bundle } from '../../infra/build/bundle.ts'
import { FUNCTIONS } from '../../infra/build/functions.ts'
import { MEASURED } from '../contest/machine.ts'
import { figure, median, type Section, table, times } from '../report/figures.ts'

const FOLDER = '.build/bench/cold'
const LADDER = ['empty', 'dynamodb', 'usual', 'sdk']
const SHOWN_ORIGINS = 6

interface Contender {
  name: string
  file: string
  /** Those that a start loads. */
  bytes: number
  /** Where all of its bytes come from, the most first. */
  from: string
}
interface Started {
  readyMs: number
  readyCpuMs: number
  answeredMs: number
  cpuMs: number
  rssMb: number
}

/** As a project would bundle it that does no more about it. */
async function rung(name: string): Promise<Contender> {
  const file = join(FOLDER, `${name}.mjs`)
  const { metafile } = await build({
    entryPoints: [`bench/cold/ladder/${name}.ts`],
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    // Bundled CommonJS still calls `require`.
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
    metafile: true,
    logLevel: 'warning',
  })
  return { name, file, bytes: Object.values(metafile.outputs)[0]!.bytes, from: '' }
}

async function deployed(entry: (typeof FUNCTIONS)[number]): Promise<Contender> {
  const { name, startSize, from } = await bundle({ ...entry, folder: FOLDER })
  const shares = from.slice(0, SHOWN_ORIGINS).map(one => `${one.origin} ${Math.round(one.size / 1000)}`)
  return {
    name: `curfew ${name}`,
    file: join(FOLDER, name, 'index.mjs'),
    bytes: startSize,
    from: shares.join(', '),
  }
}

/** A table that has nothing. */
async function emptyTable() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.0')
      response.end('{"Items":[],"Count":0,"ScannedCount":0}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

const EVENTS: Record<string, unknown> = {
  // A queue's function is called with no message: everything is made, nothing is done.
  queue: { Records: [] },
  http: {
    version: '2.0',
    rawPath: '/v1/openapi.json',
    rawQueryString: '',
    headers: {},
    requestContext: { http: { method: 'GET', path: '/v1/openapi.json' } },
  },
}

async function start({ name, file }: Contender, tableUrl: string): Promise<Started> {
  const [command = '', ...words] = [...MEASURED, process.execPath, 'bench/cold/start.mjs']
  const queue = 'https://sqs.eu-central-1.amazonaws.com/1/q'
  const env = {
    PATH: process.env.PATH,
    BUNDLE: resolve(file),
    EVENT: JSON.stringify(name === 'curfew http' ? EVENTS.http : EVENTS.queue),
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: tableUrl,
    TABLE_NAME: 'curfew',
    PLAN_QUEUE_URL: queue,
    STOP_QUEUE_URL: queue,
    FOLLOW_QUEUE_URL: queue,
    NOTIFY_QUEUE_URL: queue,
  }
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'], env })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  await once(child, 'close')
  const said = text.split('\n').findLast(line => line.startsWith('{"readyMs"'))
  if (!said) throw new Error(`${name}: expected it to start and answer, got "${text}"`)
  return JSON.parse(said)
}

export async function coldstartSection({ rounds }: { rounds: number }): Promise<Section> {
  const contenders = [
    ...(await Promise.all(LADDER.map(rung))),
    ...(await Promise.all(FUNCTIONS.map(deployed))),
  ]
  const { url, close } = await emptyTable()
  const started = new Map(contenders.map(({ name }): [string, Started[]] => [name, []]))
  // The first round fills the caches of the files.
  for (let round = 0; round <= rounds; round++)
    for (const one of contenders) {
      const said = await start(one, url)
      if (round > 0) started.get(one.name)!.push(said)
    }
  close()
  const empty = started.get('empty')!
  const over = (name: string, of: (one: Started) => number): number =>
    median(started.get(name)!.map((one, i) => of(one) / of(empty[i]!)))
  const rows = contenders.map(({ name, bytes, from }) => {
    const middle = (of: (one: Started) => number) => figure(median(started.get(name)!.map(of)))
    return [
      name,
      String(Math.round(bytes / 1000)),
      middle(({ readyMs }) => readyMs),
      times(over(name, ({ readyMs }) => readyMs)),
      times(over(name, ({ readyCpuMs }) => readyCpuMs)),
      times(over(name, ({ answeredMs }) => answeredMs)),
      middle(({ rssMb }) => rssMb),
      from,
    ]
  })
  const head = [
    'function',
    'kB',
    'ready ms',
    'ready',
    'CPU until ready',
    'first answer',
    'peak MB',
    'from (kB)',
  ]
  const ready = (name: string): number => over(`curfew ${name}`, ({ readyMs }) => readyMs)
  const others = FUNCTIONS.flatMap(({ name }) => (name === 'tick' ? [] : ready(name)))
  return {
    title: 'Start of a function',
    command: 'node bench/cold/coldstart.ts',
    text: table(head, rows),
    figures: { startTick: { value: ready('tick') }, startOthers: { value: Math.max(...others) } },
  }
}

if (import.meta.main) console.log((await coldstartSection({ rounds: Number(process.argv[2] ?? 15) })).text)
