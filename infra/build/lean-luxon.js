/**
 * Takes the place of `luxon` in the bundles: cron-parser makes a date with every cron it parses, which the product never
 * reads, for it tells due times by itself. Luxon is 70 kB. Whoever lets cron-parser tell due times takes this file away.
 */
export const DateTime = { fromMillis: () => ({ isValid: true }) }
