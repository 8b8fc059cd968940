/**
 * Makes what is deployed: for each function `.build/<name>/index.mjs`, its source map, and `.build/<name>.zip`.
 * Prints how big they are and which packages the bytes come from.
 */
import { type Bundle, bundle } from './bundle.ts'
import { FUNCTIONS } from './functions.ts'

const SHOWN_ORIGINS = 6

const kB = (bytes: number): string => String(Math.round(bytes / 1000))

function row({ name, size, zipSize, from }: Bundle): string {
  const origins = from.slice(0, SHOWN_ORIGINS).map(share => `${share.origin} ${kB(share.size)}`)
  return `${name.padEnd(8)}${kB(size).padStart(6)}${kB(zipSize).padStart(6)}   ${origins.join(', ')}`
}

const bundles = await Promise.all(FUNCTIONS.map(one => bundle({ ...one, folder: '.build' })))
console.log(['function    kB   zip   from (kB)', ...bundles.map(row)].join('\n'))
