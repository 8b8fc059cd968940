/**
 * The stand-in as a process of its own: prints a line of JSON with its address, ends when its input does.
 * `node bench/cloud/start.ts --servers 100000 --latencyMs 40 --jobMs 1000`; every name of `Settings` is a flag. `POST /_reset?latencyMs=0`
 * puts every server back and changes settings, `GET /_seen` tells what it counted.
 */
import { parseArgs } from 'node:util'
import { startCloud } from './server.ts'
import { ordinary, withTexts } from './settings.ts'

const options = Object.fromEntries(Object.keys(ordinary()).map(name => [name, { type: 'string' as const }]))
const { values } = parseArgs({ options })
const cloud = await startCloud(withTexts(ordinary(), values))
console.log(JSON.stringify({ url: cloud.url }))
process.stdin.resume().on('end', () => process.exit(0))
