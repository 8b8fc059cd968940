/** The Castagnoli polynomial, its bits reversed. Node's own `crc32` is of another. */
const POLYNOMIAL = 0x82f63b78

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc
})

/** The checksum of what `crc` is the checksum of and one byte more; it begins with 0. */
export function extendCrc32c(crc: number, byte: number): number {
  const register = ~crc
  return ~(TABLE[(register ^ byte) & 0xff]! ^ (register >>> 8)) >>> 0
}

export function crc32c(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) crc = extendCrc32c(crc, byte)
  return crc
}
