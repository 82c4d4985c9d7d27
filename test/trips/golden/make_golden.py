"""Parquet files as others write them. Made once with pyarrow 26.0.1: python make_golden.py"""
import datetime as dt
import decimal
import pyarrow as pa
import pyarrow.parquet as pq

T = [
    dt.datetime(2025, 1, 5, 0, 0, 0),
    dt.datetime(2025, 1, 5, 23, 59, 59, 999999),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999900),
    None,
]


def write(name, columns, **options):
    pq.write_table(pa.table(columns), name, **options)


write(
    "hvfhv_2025.parquet",
    {
        "hvfhs_license_num": ["HV0003", "HV0005", "HV0003", "HV0003"],
        "request_datetime": pa.array([T[0]] * 4, pa.timestamp("us")),
        "on_scene_datetime": pa.array([None] * 4, pa.timestamp("us")),
        "pickup_datetime": pa.array(T, pa.timestamp("us")),
        "dropoff_datetime": pa.array([T[1], None, T[0], T[0]], pa.timestamp("us")),
        "PULocationID": pa.array([161, 264, None, 1], pa.int32()),
        "DOLocationID": pa.array([7, None, 265, 1], pa.int32()),
        "trip_miles": [2.345, 0.0, 1.005, 1.0],
        "base_passenger_fare": [10.1, -5.0, None, 1.0],
        "tolls": [6.94, 0.0, 0.0, 0.0],
        "bcf": [0.3, 0.0, 0.0, 0.0],
        "sales_tax": [0.9, 0.0, 0.0, 0.0],
        "congestion_surcharge": [2.75, 0.0, 0.0, 0.0],
        "airport_fee": pa.array([None, 2.5, None, None], pa.float64()),
        "tips": [3.0, 0.0, 0.01, 0.0],
        "driver_pay": [8.0, 1.0, 1.0, 1.0],
        "shared_request_flag": ["N", "N", "N", "N"],
        "cbd_congestion_fee": [1.5, 0.0, 0.0, 0.0],
    },
    compression="zstd",
)

PLAIN = {
    "passenger_count": pa.array([1.0, None, 300.0, 0.0]),
    "PULocationID": pa.array([264.0, None, 1.0, 2.0]),
    "DOLocationID": pa.array(["132", " NA ", "EWR", None]),
    "trip_distance": pa.array([3.3, 0.29999999999999999, 1e300, 0.0], pa.float64()),
    "fare_amount": pa.array([None] * 4, pa.null()),
    "tip_amount": pa.array([decimal.Decimal("1.25"), None, None, None], pa.decimal128(9, 2)),
    "total_amount": pa.array([1, -2, 3, 4], pa.int64()),
}
for unit in ("ms", "us", "ns"):
    write(
        f"times_{unit}.parquet",
        {"tpep_pickup_datetime": pa.array(T, pa.timestamp(unit), safe=False), **PLAIN},
        compression="gzip",
    )
write(
    "times_int96.parquet",
    {"tpep_pickup_datetime": pa.array(T, pa.timestamp("ns")), **PLAIN},
    use_deprecated_int96_timestamps=True,
)
write(
    "times_text.parquet",
    {
        "tpep_pickup_datetime": [
            "2025-01-05 00:00:00",
            "2025-01-05 23:59:59.999999",
            "1969-12-31T23:59:59.9999Z",
            "soon",
        ],
        **PLAIN,
    },
    compression="none",
)
write(
    "row_groups.parquet",
    {
        "pickup_datetime": pa.array(
            [dt.datetime(2025, 1, 1) + dt.timedelta(minutes=(7 * i) % 10) for i in range(10)],
            pa.timestamp("us", tz="UTC"),
        ),
        "nothing": [{"a": i, "b": [i]} for i in range(10)],
        "pickup_longitude": pa.array([-73.5 - i / 64 for i in range(10)], pa.float32()),
        "pickup_latitude": [40.7 + i / 1000 for i in range(10)],
        "fare_amount": [i + 0.05 for i in range(10)],
    },
    row_group_size=3,
    data_page_size=8,
    write_page_index=True,
)
write("epoch.parquet", {"pickup_datetime": pa.array([1735689600, 1735689660], pa.int64())})
write("no_rows.parquet", {"pickup_datetime": pa.array([], pa.timestamp("us"))})
