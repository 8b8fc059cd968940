/**
 * Takes the place of `luxon` in the bundles: cron-parser makes a date with every cron it parses, which the product never
 * reads, for it tells due times by itself. Luxon is 70 kB. Whoever lets cron-parser tell due times takes this file away.
 */
const only = (what, known) =>
  new Proxy(known, {
    get(_, name) {
      if (name in known) return known[name]
      throw new Error(
        `built without luxon, whose ${what}.${String(name)} is asked for: see infra/build/lean-luxon.js`,
      )
    },
  })

export const DateTime = only('DateTime', { fromMillis: () => only('date', { isValid: true }) })
