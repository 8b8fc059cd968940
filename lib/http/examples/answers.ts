/** The answers that examples show. */
export const okAnswer = (body: unknown) => ({ status: 200, body })
export const listAnswer = (...items: unknown[]) => okAnswer({ items, nextCursor: null })
export const problemAnswer = (
  status: number,
  title: string,
  more: { detail: string; errors?: unknown[] },
) => ({
  status,
  body: { type: 'about:blank', status, title, ...more },
})
export const refusedAnswer = (path: string, message: string) =>
  problemAnswer(422, 'Unprocessable Entity', { detail: `${path}: ${message}`, errors: [{ path, message }] })
