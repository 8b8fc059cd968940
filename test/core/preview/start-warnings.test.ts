import { expect, test } from 'vitest'
import { startScheduleWarnings } from '../../../lib/core/preview/start-warnings.ts'
import { aPolicy, START } from '../../makers.ts'

const warned = (start: object | null, schedule: object = {}) =>
  startScheduleWarnings(
    aPolicy({ schedule: { cron: '0 20 * * *', timeZone: 'Europe/Berlin', ...schedule }, start }),
    START,
  )

test('a policy that starts nothing, or at a time that every day has, is warned of nothing', () => {
  expect(warned(null)).toEqual([])
  expect(warned({ cron: '0 7 * * *' })).toEqual([])
})

test('a start that changes of the clock move, or bring twice, is told apart from a stop', () => {
  expect(warned({ cron: '30 2 * * *' })).toEqual([
    {
      code: 'due-moved',
      message:
        'start.cron: 2027-03-28 02:30 Europe/Berlin does not exist when clocks go forward: it is due at 2027-03-28 03:00 +02:00 Europe/Berlin instead',
    },
    {
      code: 'due-once',
      message:
        'start.cron: 2027-10-31 02:30 Europe/Berlin comes twice when clocks go back: it is due the first time only',
    },
  ])
})

test('a start that skipDates leave no time says so', () => {
  const skipDates = Array.from({ length: 60 }, (_, year) => `${2026 + year}-12-24`)
  expect(warned({ cron: '0 7 24 12 *' }, { skipDates })).toEqual([
    {
      code: 'never-due',
      message: 'start.cron: it is not due once in the next 50 years: skipDates leave no time',
    },
  ])
})
