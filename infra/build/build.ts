/**
 * Makes what is deployed: for each function `.build/<name>/index.mjs`, the parts that it loads later, source maps, and
 * `.build/<name>.zip`. Prints how big they are, what of it a start loads, and which packages the bytes come from.
 */
import { type Bundle, bundle } from './bundle.ts'
import { FUNCTIONS } from './functions.ts'

const SHOWN_ORIGINS = 6

const kB = (bytes: number): string => String(Math.round(bytes / 1000))

function row({ name, size, startSize, zipSize, from }: Bundle): string {
  const origins = from.slice(0, SHOWN_ORIGINS).map(share => `${share.origin} ${kB(share.size)}`)
  return `${name.padEnd(8)}${kB(size).padStart(6)}${kB(startSize).padStart(10)}${kB(zipSize).padStart(6)}   ${origins.join(', ')}`
}

const bundles = await Promise.all(FUNCTIONS.map(one => bundle({ ...one, folder: '.build' })))
console.log(['function    kB  at start   zip   from (kB)', ...bundles.map(row)].join('\n'))
