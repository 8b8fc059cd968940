/**
 * Checks LevelDB's data files against their own checksums. LevelDB itself skips a damaged part of a log, deletes the log,
 * and reads tables without a check: https://github.com/google/leveldb/tree/main/doc (log_format, table_format).
 */
import { crc32c, extendCrc32c } from './crc32c.ts'

const LOG_BLOCK_BYTES = 32 * 1024
const LOG_HEADER_BYTES = 7
const LOG_RECORD_TYPES = { first: 1, last: 4 }
/** After each block of a table: its type and its checksum. */
const TABLE_TRAILER_BYTES = 5
const MAX_BLOCK_TYPE = 1
const FOOTER_BYTES = 48
const TABLE_MAGIC = Buffer.from('57fb808b247547db', 'hex')

/**
 * The byte at which the first damaged record of a log begins; `null` for a log that is whole, or whose last record was
 * only partly written when the process or the power ended: that write was never acknowledged.
 */
export function findDamageInLog(log: Buffer): number | null {
  let at = 0
  while (at < log.length) {
    const blockLeft = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES)
    if (blockLeft < LOG_HEADER_BYTES) at += blockLeft
    else {
      const end = endOfRecord(log, at)
      if (end === null) return isTornEnd(log, at) ? null : at
      at = end
    }
  }
  return null
}

/** Where the intact record at this byte ends; `null` where there is none. */
function endOfRecord(log: Buffer, at: number): number | null {
  const end = claimedEnd(log, at)
  if (end === null || end > log.length) return null
  return isChecksum(log.readUInt32LE(at), crc32c(log.subarray(at + 6, end))) ? end : null
}

/** Where the record at this byte says that it ends; `null` where no record can be so. */
function claimedEnd(log: Buffer, at: number): number | null {
  if (at + LOG_HEADER_BYTES > log.length) return null
  const type = log[at + 6]!
  const end = at + LOG_HEADER_BYTES + log.readUInt16LE(at + 4)
  const blockEnd = at - (at % LOG_BLOCK_BYTES) + LOG_BLOCK_BYTES
  return type >= LOG_RECORD_TYPES.first && type <= LOG_RECORD_TYPES.last && end <= blockEnd ? end : null
}

/** Whether this and all that follows is a write that was broken off: it lacks its end, or has zeros in its place. */
function isTornEnd(log: Buffer, at: number): boolean {
  const written = log.findLastIndex(byte => byte !== 0) + 1
  if (at + LOG_HEADER_BYTES > written) return true
  const end = claimedEnd(log, at)
  if (end === null || end <= written) return false
  // A record whose length is damaged may seem to reach beyond those behind it.
  for (let later = at + 1; later < written; later++) if (endOfRecord(log, later) !== null) return false
  return true
}

/** The byte at which the first damaged part of a table file begins; `null` for a file that is whole. */
export function findDamageInTable(table: Buffer): number | null {
  const footerAt = Math.max(0, table.length - FOOTER_BYTES)
  const blocks: { at: number; size: number }[] = []
  for (let at = 0; at < footerAt; ) {
    const size = sizeOfBlock(table.subarray(at, footerAt))
    if (size === null) return at
    blocks.push({ at, size })
    at += size + TABLE_TRAILER_BYTES
  }
  // The footer has no checksum, but says where the last two blocks are.
  const named = blocks.slice(-2).flatMap(({ at, size }) => [...varint(at), ...varint(size)])
  const footer = Buffer.alloc(FOOTER_BYTES)
  footer.set(named)
  footer.set(TABLE_MAGIC, FOOTER_BYTES - TABLE_MAGIC.length)
  return blocks.length >= 2 && footer.equals(table.subarray(footerAt)) ? null : footerAt
}

/** A block ends where its checksum follows; where it ends is said elsewhere, in blocks that may be compressed. */
function sizeOfBlock(rest: Buffer): number | null {
  let crc = 0
  for (let size = 0; size + TABLE_TRAILER_BYTES <= rest.length; size++) {
    const type = rest[size]!
    crc = extendCrc32c(crc, type)
    if (type <= MAX_BLOCK_TYPE && isChecksum(rest.readUInt32LE(size + 1), crc)) return size
  }
  return null
}

/** LevelDB stores a checksum rotated and shifted, since files may hold checksums of their own. */
function isChecksum(stored: number, crc: number): boolean {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0 === stored
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}
