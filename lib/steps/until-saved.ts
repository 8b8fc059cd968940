/** Repeats an edit that others may get ahead of. */

const MAX_TRIES = 10

/** Tries until a try returns true: false says that another was quicker. Throws where that happens over and over. */
export async function untilSaved(
  what: string,
  tryToSave: (tries: number) => Promise<boolean>,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) if (await tryToSave(tries)) return
  throw new Error(`${what} was changed ${MAX_TRIES} times at this very moment; a tick tries again`)
}
