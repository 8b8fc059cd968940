/** Counts which packages a bundle is made of. */
import type { Metafile } from 'esbuild'

/** The part of a bundle, in bytes, that comes from one package; `ours` for the sources of this repository. */
export interface Share {
  origin: string
  size: number
}

const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/

const origin = (path: string): string => PACKAGE.exec(path)?.[1] ?? 'ours'

/** Where the bytes of a bundle come from, the most first. */
export function shares(metafile: Metafile): Share[] {
  const sizes = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs))
      sizes.set(origin(path), (sizes.get(origin(path)) ?? 0) + bytesInOutput)
  return [...sizes]
    .map(([origin, size]) => ({ origin, size }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size)
}
