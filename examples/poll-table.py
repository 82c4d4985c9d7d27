"""Polls the counts table with boto3: python3 examples/poll-table.py [TABLE]

Region, credentials and, for an emulator, AWS_ENDPOINT_URL_DYNAMODB come from the environment.
"""

import os
import sys

import boto3
from boto3.dynamodb.conditions import Key

name = sys.argv[1] if len(sys.argv) > 1 else "hailstream-counts"
# boto3 itself only knows AWS_DEFAULT_REGION.
region = os.environ.get("AWS_REGION")
table = boto3.resource("dynamodb", region_name=region).Table(name)


def get(pk, sk):
    return table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")


def query(pk, **options):
    return table.query(
        KeyConditionExpression=Key("pk").eq(pk), ConsistentRead=True, **options
    )["Items"]


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


current = get("current", "current")
if current is None:
    sys.exit(f"Nothing is counted in {name} yet.")
G, R = current["generation"], current["run"]
print("current", G, R)

generation = get("generation", G) or {"ids": [], "names": []}
ids, names = generation["ids"], generation["names"]
print("generation", len(ids), "districts", *ids[:1], *names[:1])

status = get(f"status#{G}#{R}", "status") or {}
print("status", "asOf", status.get("asOf"), "trips", status.get("trips"), end=" ")
print("complete", text(status.get("complete")))

# A window that workers do not write (count --rolling) is not there.
rolling = get(f"rolling#{G}#{R}", "15m")
if rolling:
    print("rolling", rolling["from"], rolling["to"], "pickups", rolling["all"]["pickups"])

routes = get(f"rolling#{G}#{R}", "routes-30m") or {"routes": []}
for route in routes["routes"]:
    print("route", route["origin"], route["destination"], route["trips"])

for hour in query(f"hour#{G}#{R}", ScanIndexForward=False, Limit=3):
    total = hour["all"]
    print("hour", hour["sk"], "pickups", total["pickups"], "dropoffs", total["dropoffs"], end=" ")
    print("final", text(hour["final"]))

for day in query(f"day#{G}#{R}", ScanIndexForward=False, Limit=1):
    print("day", day["sk"], "pickups", day["all"]["pickups"], "fare", day["all"]["fare"])

for run in query("run"):
    print("run", run["sk"], run["state"])
