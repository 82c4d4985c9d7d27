import type { Random } from '../src/time/random.ts'

/** Codes of the TLC files. */
export const RATE = { standard: 1, jfk: 2, newark: 3, nassauWestchester: 4, negotiated: 5 } as const
export const PAYMENT = { card: 1, cash: 2, noCharge: 3, dispute: 4 } as const

export interface Ride {
  /** Hundredths of a mile. */
  distance: number
  minutes: number
  rateCode: number
  /** Of the pickup, 0 … 23. */
  hour: number
  /** Monday to Friday. */
  workday: boolean
}

/**
 * What the meter shows, in cents: $2.50, and $0.50 for each fifth of a mile at speed or minute in
 * slow traffic. The rates of 2016, in force from September 2012 to December 2022; today's are at
 * https://www.nyc.gov/site/tlc/passengers/taxi-fare.page
 */
export function meterFare({ distance, minutes, rateCode }: Ride): number {
  if (rateCode === RATE.jfk) return 5200
  // Rolling at 20 miles an hour, and standing for the rest of the time.
  const slowMinutes = Math.max(0, minutes - (distance / 100) * 3)
  const units = Math.floor(distance / 20 + slowMinutes)
  const fare = 250 + 50 * units
  if (rateCode === RATE.newark) return fare + 1750
  if (rateCode === RATE.nassauWestchester) return Math.round(fare * 1.3)
  if (rateCode === RATE.negotiated) return Math.round(fare / 500 + 4) * 500
  return fare
}

/** Cents: $1 on workdays 16–20 h, $0.50 20–6 h; on the standard rate only. */
export function meterExtra({ rateCode, hour, workday }: Ride): number {
  if (rateCode !== RATE.standard) return 0
  if (hour >= 20 || hour < 6) return 50
  return workday && hour >= 16 ? 100 : 0
}

/** Only card tips are on file. Most people press one of the three buttons of the screen. */
export function tipFor(paymentType: number, bill: number, random: Random): number {
  if (paymentType !== PAYMENT.card) return 0
  const choice = random()
  if (choice < 0.05) return 0
  if (choice < 0.63) return Math.round(bill * 0.2)
  if (choice < 0.78) return Math.round(bill * 0.25)
  if (choice < 0.84) return Math.round(bill * 0.3)
  return 100 + 100 * Math.floor(random() * Math.min(5, bill / 600))
}

export function paymentType(random: Random): number {
  const choice = random()
  if (choice < 0.66) return PAYMENT.card
  if (choice < 0.995) return PAYMENT.cash
  return choice < 0.999 ? PAYMENT.noCharge : PAYMENT.dispute
}
