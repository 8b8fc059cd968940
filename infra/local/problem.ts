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

const BY_CODE: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space and start again',
  EDQUOT: 'the disk quota is used up: free some space and start again',
  EROFS: 'the file system is read-only: choose another folder with --data',
  EACCES: 'this user may not write there: choose another folder with --data, or change its permissions',
  EPERM: 'this user may not write there: choose another folder with --data, or change its permissions',
  ENOTDIR: 'a part of its path is a file: choose another folder with --data',
  EEXIST: 'it is a file: choose another folder with --data',
  EISDIR: 'a folder is in the way: choose another folder with --data',
  ENOENT: 'its path does not exist and cannot be made: choose another folder with --data',
}

/** LevelDB and SQLite say what failed in words of their own. */
const BY_WORDS: [RegExp, keyof typeof BY_CODE][] = [
  [/no space left on device|database or disk is full/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/read-only file system|readonly database/i, 'EROFS'],
  [/permission denied/i, 'EACCES'],
]

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code in BY_CODE) return code
  const words = BY_WORDS.find(([pattern]) => pattern.test(error.message))
  return words?.[1] ?? codeOf(error.cause)
}

/** What to tell when writing into the data folder failed; `null` when the error is about something else. */
export function diskProblem(error: unknown, folder: string): Problem | null {
  const code = codeOf(error)
  if (code === null) return null
  return new Problem(`Cannot write to the data folder ${folder}: ${BY_CODE[code]}.`, { cause: error })
}
