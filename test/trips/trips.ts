import type { Trip } from '../../src/trips/trip.ts'

export const TRIP: Trip = {
  pickupTime: Date.UTC(2016, 0, 1, 0, 0, 3),
  dropoffTime: Date.UTC(2016, 0, 1, 0, 41, 7, 250),
  pickup: { kind: 'position', lon: -73.98765432101234, lat: 40.75 },
  dropoff: { kind: 'position', lon: -73.78, lat: 40.64 },
  passengers: 5,
  distance: 1_721,
  fare: 5_200,
  tip: 1_000,
  total: -6_630,
}

export const ZONE_TRIP: Trip = {
  ...TRIP,
  dropoffTime: NaN,
  pickup: { kind: 'zone', zone: '264' },
  dropoff: { kind: 'zone', zone: 'Zürich-Nord 1' },
}
