/** One trip of a sample file. Money in cents, distance in hundredths of a mile, degrees WGS 84. */
export interface SampleTrip {
  /** 1 or 2: the two makers of meters. */
  vendorId: number
  /** Wall-clock milliseconds, whole seconds. */
  pickupTime: number
  dropoffTime: number
  passengers: number
  distance: number
  pickupLon: number
  pickupLat: number
  dropoffLon: number
  dropoffLat: number
  rateCode: number
  storedAndForwarded: boolean
  paymentType: number
  fare: number
  extra: number
  mtaTax: number
  tip: number
  tolls: number
  improvementSurcharge: number
  total: number
}
