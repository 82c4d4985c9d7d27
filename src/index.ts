/**
 * What the package offers to other programs: the exact district index, the codecs of the wire
 * format, and reading counts from a table. The commands are the rest of the API.
 */
export { createDistrictIndex, DistrictIndex } from './geo/district-index.ts'
export { readDistricts } from './geo/district-file.ts'
export { districtsFrom } from './geo/district-set.ts'
export type { DistrictSet } from './geo/district-set.ts'

export { UserRecords } from './kinesis/aggregated-record.ts'
export { encodeAggregate } from './kinesis/encode-aggregate.ts'
export { decodeControl, encodeControl, isControl } from './lanes/control-record.ts'
export type { ControlRecord } from './lanes/control-record.ts'
export { decodeTrip, encodeTrip, TRIP_RECORD_BYTES } from './trips/trip-record.ts'
export { decodeTripJson, encodeTripJson } from './trips/trip-json.ts'
export type { Place, Trip } from './trips/trip.ts'

export { DynamodbTable } from './aws/dynamodb-table.ts'
export type { Item, TablePort } from './counts/table-port.ts'
export { FARE_TIERS, MEASURES, REASONS, SUMS, TIERS, TIP_TIERS } from './counts/measures.ts'
export { runTotals, windowTotals } from './views/totals.ts'
export type { Totals, WindowTotals } from './views/totals.ts'
export { resolveView } from './views/view.ts'
export type { View } from './views/view.ts'

export { HailstreamError } from './errors.ts'
export type { ErrorCode } from './errors.ts'
