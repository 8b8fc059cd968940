/** Instants as the documents carry them: RFC 3339 in UTC, with milliseconds. */
export const isoInstant = (ms: number): string => new Date(ms).toISOString()
