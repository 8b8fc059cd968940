/** What a soak lives through: `SEED` is printed with each test, so that it can be lived through again. */
export const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
export const nights = Number(process.env.NIGHTS ?? 30)
