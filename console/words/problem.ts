/** Why something was not done, in a few words before those of the API. */

const TITLES: Record<number, string> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible now',
  412: 'Changed meanwhile',
  429: 'Too much at once',
}

/** Whether it is us, the request, or the time; the number is what a log or a colleague is asked with. */
export function problemTitle({ status }: { status: number | null }): string {
  if (status === null) return 'No answer'
  return `${TITLES[status] ?? (status >= 500 ? 'Failed' : 'Refused')} (${status})`
}
