#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The AWS CLI: each command once, with what a script would look at.
set -euo pipefail
stream=$1

kinesis() {
  local operation=$1
  shift
  aws kinesis "$operation" --output text "$@"
  # create-stream is CreateStream.
  echo "$operation" | sed -E 's/(^|-)([a-z])/\U\2/g' >&3
}
expect() { [ "$1" = "$2" ] || { echo "$3: $1 is not $2" >&2; exit 1; }; }
exec 3>&1 >/dev/null

settled() {
  local i now
  for i in $(seq 60); do
    now=$(kinesis describe-stream-summary --stream-name "$stream" --query 'StreamDescriptionSummary.[StreamStatus,OpenShardCount]' | tr '\t' ' ')
    [ "$now" = "ACTIVE $1" ] && return
    sleep 0.3
  done
  echo "the stream does not come to $1 shards: $now" >&2
  exit 1
}

kinesis create-stream --stream-name "$stream" --shard-count 2
aws kinesis wait stream-exists --stream-name "$stream"
settled 2
kinesis add-tags-to-stream --stream-name "$stream" --tags team=cli
expect "$(kinesis list-tags-for-stream --stream-name "$stream" --query 'Tags[].Value')" cli 'the tag'
shard=$(kinesis put-record --stream-name "$stream" --partition-key schlüssel --data hällo --query ShardId)
failed=$(kinesis put-records --stream-name "$stream" --query FailedRecordCount --records \
  PartitionKey=a,Data=one PartitionKey=b,Data=two)
expect "$failed" 0 'failed records'
expect "$(kinesis list-shards --stream-name "$stream" --query 'length(Shards)')" 2 'shards'
iterator=$(kinesis get-shard-iterator --stream-name "$stream" --shard-id "$shard" --shard-iterator-type TRIM_HORIZON --query ShardIterator)
data=$(kinesis get-records --shard-iterator "$iterator" --query 'Records[0].Data')
expect "$(echo "$data" | base64 -d)" hällo 'the record'
arn=$(kinesis describe-stream --stream-name "$stream" --query StreamDescription.StreamARN)
consumer=$(kinesis register-stream-consumer --stream-arn "$arn" --consumer-name cli --query Consumer.ConsumerARN)
expect "$(kinesis list-stream-consumers --stream-arn "$arn" --query 'length(Consumers)')" 1 'consumers'
kinesis deregister-stream-consumer --consumer-arn "$consumer"
kinesis update-shard-count --stream-name "$stream" --target-shard-count 3 --scaling-type UNIFORM_SCALING
settled 3
kinesis increase-stream-retention-period --stream-name "$stream" --retention-period-hours 48
kinesis update-stream-mode --stream-arn "$arn" --stream-mode-details StreamMode=ON_DEMAND
settled 3
kinesis describe-limits
kinesis list-streams
message=$(aws kinesis describe-stream --stream-name nowhere 2>&1) && { echo 'a stream that is not there was described' >&2; exit 1; }
case $message in *ResourceNotFoundException*nowhere*) ;; *) echo "another error: $message" >&2; exit 1 ;; esac
kinesis delete-stream --stream-name "$stream"
aws kinesis wait stream-not-exists --stream-name "$stream"
