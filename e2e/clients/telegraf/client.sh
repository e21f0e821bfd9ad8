#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Telegraf: lines go from a file into the stream by its output for Kinesis, and back into a file by its input for Kinesis.
set -euo pipefail
stream=$1 telegraf=$2 work=$3
readonly LINES=2000
mkdir -p "$work"
rm -f "$work"/*

# A field for each line, so that each is another record.
for i in $(seq $LINES); do echo "proof number=${i}i $((1700000000000000000 + i * 1000000))"; done >"$work/in"

common() {
  cat <<TOML
[agent]
  interval = "1s"
  flush_interval = "1s"
  precision = "1ns"
  omit_hostname = true
  metric_batch_size = 500
  quiet = true
TOML
}
account="region = \"$AWS_REGION\"
  access_key = \"$AWS_ACCESS_KEY_ID\"
  secret_key = \"$AWS_SECRET_ACCESS_KEY\"
  endpoint_url = \"$AWS_ENDPOINT_URL\"
  streamname = \"$stream\""
{
  common
  cat <<TOML
[[inputs.file]]
  files = ["$work/in"]
  data_format = "influx"
[[outputs.kinesis]]
  $account
  data_format = "influx"
  [outputs.kinesis.partition]
    method = "random"
TOML
} >"$work/out.toml"
{
  common
  cat <<TOML
[[inputs.kinesis_consumer]]
  $account
  shard_iterator_type = "TRIM_HORIZON"
  data_format = "influx"
[[outputs.file]]
  files = ["$work/back"]
  data_format = "influx"
TOML
} >"$work/in.toml"

aws kinesis create-stream --stream-name "$stream" --shard-count 3
aws kinesis wait stream-exists --stream-name "$stream"
"$telegraf" --config "$work/out.toml" --once >&2
timeout 60 "$telegraf" --config "$work/in.toml" >&2 &
reader=$!
trap 'kill $reader 2>/dev/null || true' EXIT
for _ in $(seq 300); do
  [ -f "$work/back" ] && [ "$(wc -l <"$work/back")" -ge $LINES ] && break
  sleep 0.2
done
diff <(sort "$work/in") <(sort "$work/back") >"$work/diff" || { grep -m 3 '^<' "$work/diff" >&2; grep -m 3 '^>' "$work/diff" >&2; exit 1; }
aws kinesis delete-stream --stream-name "$stream"
echo "Telegraf: $LINES records shipped into the stream and back, each once"
