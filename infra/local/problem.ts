/** A reason to stop that a person can act on: printed as it is, without a stack. */
export class Problem extends Error {
  override name = 'Problem'
  /** 2: the command line was wrong; 1: anything else. */
  readonly exitCode: number
  constructor(message: string, options?: ErrorOptions & { exitCode?: number }) {
    super(message, options)
    this.exitCode = options?.exitCode ?? 1
  }
}

const NOT_ALLOWED =
  'this user may not write there: choose another folder with --data, or change its permissions'

const CAUSES = {
  ENOSPC: 'the disk is full: free some space and start again',
  EDQUOT: 'the disk quota is used up: free some space and start again',
  EROFS: 'the file system is read-only: choose another folder with --data',
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  ENOTDIR: 'a part of its path is a file: choose another folder with --data',
  EEXIST: 'it is a file: choose another folder with --data',
  EISDIR: 'a folder is in the way: choose another folder with --data',
  ENOENT: 'its path does not exist and cannot be made: choose another folder with --data',
  EIO: 'the disk reports an error: check it, or choose another folder with --data',
} as const
type Code = keyof typeof CAUSES | 'DAMAGED'

/** LevelDB and SQLite say what failed in words of their own. */
const BY_WORDS: [RegExp, Code][] = [
  [/no space left on device|database or disk is full/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/read-only file system|readonly database/i, 'EROFS'],
  [/permission denied|unable to open database file/i, 'EACCES'],
  [/disk I\/O error|input\/output error/i, 'EIO'],
  [/file is not a database|disk image is malformed|corruption:|IO error: .*no such file/i, 'DAMAGED'],
]

const isCode = (code: string): code is keyof typeof CAUSES => code in CAUSES

function codeOf(error: unknown): Code | null {
  if (!(error instanceof Error)) return null
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (isCode(code)) return code
  const words = BY_WORDS.find(([pattern]) => pattern.test(error.message))
  return words?.[1] ?? codeOf(error.cause)
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1).join('')

/** Says what to do when the data folder cannot be written or read; `null` when the error is about something else. */
export function diskProblem(error: unknown, folder: string): Problem | null {
  const code = codeOf(error)
  if (code === null) return null
  if (code !== 'DAMAGED')
    return new Problem(`Cannot write to the data folder ${folder}: ${CAUSES[code]}.`, { cause: error })
  return new Problem(
    `${folder} is damaged (${firstLine(error)}). Put a copy of it back, or move it away to start with an empty one.`,
    { cause: error },
  )
}
