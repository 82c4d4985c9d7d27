#!/bin/sh
# Polls the counts table with the AWS CLI: sh examples/poll-table.sh [TABLE]
# Region, credentials and, for an emulator, AWS_ENDPOINT_URL_DYNAMODB come from the environment.
set -eu
TABLE=${1:-hailstream-counts}
# Version 1 of the CLI only knows this name.
if [ -n "${AWS_REGION:-}" ]; then export AWS_DEFAULT_REGION="$AWS_REGION"; fi

get() { # PK SK WHAT
  aws dynamodb get-item --table-name "$TABLE" --consistent-read --output text \
    --key "{\"pk\":{\"S\":\"$1\"},\"sk\":{\"S\":\"$2\"}}" --query "$3"
}

newest() { # PK HOW-MANY WHAT
  aws dynamodb query --table-name "$TABLE" --consistent-read --output text \
    --no-paginate --no-scan-index-forward --limit "$2" \
    --key-condition-expression 'pk = :pk' \
    --expression-attribute-values "{\":pk\":{\"S\":\"$1\"}}" --query "$3"
}

lower() { echo "$1" | tr 'A-Z' 'a-z'; }

G=$(get current current Item.generation.S)
R=$(get current current Item.run.S)
if [ "$G" = None ]; then
  echo "Nothing is counted in $TABLE yet." >&2
  exit 1
fi
echo "current $G $R"

echo "generation $(get generation "$G" 'length(Item.ids.L)') districts" \
  "$(get generation "$G" '[Item.ids.L[0].S, Item.names.L[0].S]' | tr '\t' ' ')"

get "status#$G#$R" status '[Item.asOf.S, Item.trips.N, Item.complete.BOOL]' |
  while read -r as_of trips complete; do
    echo "status asOf $as_of trips $trips complete $(lower "$complete")"
  done

# A window that workers do not write (count --rolling) is not there.
get "rolling#$G#$R" 15m '[Item.from.S, Item.to.S, Item.all.M.pickups.N]' |
  while read -r from to pickups; do echo "rolling $from $to pickups $pickups"; done

get "rolling#$G#$R" routes-30m 'Item.routes.L[].M.[origin.S, destination.S, trips.N]' |
  while read -r origin destination trips; do echo "route $origin $destination $trips"; done

newest "hour#$G#$R" 3 'Items[].[sk.S, all.M.pickups.N, all.M.dropoffs.N, final.BOOL]' |
  while read -r sk pickups dropoffs final; do
    echo "hour $sk pickups $pickups dropoffs $dropoffs final $(lower "$final")"
  done

newest "day#$G#$R" 1 'Items[].[sk.S, all.M.pickups.N, all.M.fare.N]' |
  while read -r sk pickups fare; do echo "day $sk pickups $pickups fare $fare"; done

newest run 100 'Items[].[sk.S, state.S]' | while read -r run state; do echo "run $run $state"; done
