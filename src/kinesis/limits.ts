/**
 * Every quota the code obeys, in one place.
 * Source: docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html and the SDK's
 * PutRecords / GetRecords documentation, checked 2026-11.
 */

/** Records in one PutRecords call. */
export const PUT_RECORDS_MAX_ENTRIES = 500
/**
 * Bytes of data and partition keys in one PutRecords call. AWS allows 10 MiB today; emulators and
 * older endpoints enforce the former 5 MiB, which costs nothing to keep to.
 */
export const PUT_RECORDS_MAX_BYTES = 5 * 1024 * 1024
/** Data and partition key of one record, unless the stream's maximum was raised. */
export const RECORD_MAX_BYTES = 1024 * 1024
/** Writes a shard takes in a second. */
export const SHARD_WRITE_BYTES_PER_SECOND = 1024 * 1024
export const SHARD_WRITE_RECORDS_PER_SECOND = 1000
/** Records in one GetRecords reply; a reply also ends at 10 MiB. */
export const GET_RECORDS_MAX_RECORDS = 10_000
/** GetRecords calls a shard answers in a second, all consumers together. */
export const SHARD_READS_PER_SECOND = 5
/** What a PUT payload unit holds on a provisioned stream. */
export const PUT_PAYLOAD_UNIT_BYTES = 25 * 1024
/** On-demand streams bill each record rounded up to this. */
export const ON_DEMAND_ROUNDING_BYTES = 1024

/** us-east-1 list prices in US dollars, 2026-11; `--dry-run` prints them with its estimate. */
export const PRICES = {
  shardHour: 0.015,
  millionPutPayloadUnits: 0.014,
  onDemandStreamHour: 0.04,
  onDemandGigabyteIn: 0.08,
} as const
