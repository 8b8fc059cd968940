import { type Logger, LogLevel } from '@huaweicloud/huaweicloud-sdk-core/logger/index.js'

const ignore = (): void => {}

/** For the SDK, whose own logger prints Authorization. */
export const quiet: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  setLevel: ignore,
  getLevel: () => LogLevel.ERROR,
  setName: ignore,
}
