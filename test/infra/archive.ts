import { createRequire } from 'node:module'

interface Archive {
  eachEntry(): AsyncIterable<{ fileName: string; externalFileAttributes: number }>
  openReadStreamPromise(entry: unknown): Promise<AsyncIterable<Buffer>>
}
const required = createRequire(import.meta.url)
/** A reader that no one here wrote: the one osls has. */
const reader: { fromBufferPromise(bytes: Buffer): Promise<Archive> } = createRequire(
  required.resolve('osls/package.json'),
)('yauzl')

interface Unpacked {
  name: string
  text: string
  mode: string
}

/** The files of a zip archive. */
export async function unpacked(bytes: Buffer): Promise<Unpacked[]> {
  const archive = await reader.fromBufferPromise(bytes)
  const found: Unpacked[] = []
  for await (const entry of archive.eachEntry()) {
    const chunks: Buffer[] = []
    for await (const chunk of await archive.openReadStreamPromise(entry)) chunks.push(chunk)
    const mode = ((entry.externalFileAttributes >>> 16) & 0o777).toString(8)
    found.push({ name: entry.fileName, text: Buffer.concat(chunks).toString(), mode })
  }
  return found
}
