// SPDX-License-Identifier: Apache-2.0

// The AWS SDK for Go v2: each operation once, with what an application would look at.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"math/big"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

var (
	ctx    = context.Background()
	client *kinesis.Client
	stream *string
)

func must[T any](operation string, value T, err error) T {
	if err != nil {
		log.Fatalf("%s: %v", operation, err)
	}
	fmt.Println(operation)
	return value
}

func check(ok bool, format string, args ...any) {
	if !ok {
		log.Fatalf(format, args...)
	}
}

func settled(shards int32) {
	for i := 0; i < 100; i++ {
		out, err := client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: stream})
		now := must("DescribeStreamSummary", out, err).StreamDescriptionSummary
		if now.StreamStatus == types.StreamStatusActive && *now.OpenShardCount == shards {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	log.Fatalf("the stream does not come to %d shards", shards)
}

func read(shard *string, kind types.ShardIteratorType, sequence *string) ([]types.Record, []types.ChildShard) {
	it, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: stream, ShardId: shard, ShardIteratorType: kind, StartingSequenceNumber: sequence})
	iterator := must("GetShardIterator", it, err).ShardIterator
	var records []types.Record
	for {
		got, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
		must("GetRecords", got, err)
		records = append(records, got.Records...)
		if got.NextShardIterator == nil || (len(got.Records) == 0 && *got.MillisBehindLatest == 0) {
			return records, got.ChildShards
		}
		iterator = got.NextShardIterator
	}
}

func subscribe(arn *string, shard *string, expected int) {
	out, err := client.RegisterStreamConsumer(ctx, &kinesis.RegisterStreamConsumerInput{StreamARN: arn, ConsumerName: aws.String("proof")})
	consumer := must("RegisterStreamConsumer", out, err).Consumer
	for i := 0; i < 50; i++ {
		out, err := client.DescribeStreamConsumer(ctx, &kinesis.DescribeStreamConsumerInput{ConsumerARN: consumer.ConsumerARN})
		if must("DescribeStreamConsumer", out, err).ConsumerDescription.ConsumerStatus == types.ConsumerStatusActive {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	sub, err := client.SubscribeToShard(ctx, &kinesis.SubscribeToShardInput{
		ConsumerARN: consumer.ConsumerARN, ShardId: shard,
		StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}})
	events := must("SubscribeToShard", sub, err).GetStream()
	seen := 0
	for event := range events.Events() {
		if e, ok := event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent); ok {
			seen += len(e.Value.Records)
		}
		if seen >= expected {
			break
		}
	}
	check(seen == expected, "the subscription gave %d of %d records: %v", seen, expected, events.Err())
	events.Close()
	dereg, err := client.DeregisterStreamConsumer(ctx, &kinesis.DeregisterStreamConsumerInput{ConsumerARN: consumer.ConsumerARN})
	must("DeregisterStreamConsumer", dereg, err)
}

func main() {
	stream = aws.String(os.Args[1])
	cfg, err := config.LoadDefaultConfig(ctx)
	check(err == nil, "%v", err)
	client = kinesis.NewFromConfig(cfg)

	created, err := client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: stream, ShardCount: aws.Int32(2)})
	must("CreateStream", created, err)
	_, err = client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: stream, ShardCount: aws.Int32(2)})
	var inUse *types.ResourceInUseException
	check(errors.As(err, &inUse), "not ResourceInUseException: %v", err)
	err = kinesis.NewStreamExistsWaiter(client, func(o *kinesis.StreamExistsWaiterOptions) { o.MinDelay = time.Second; o.MaxDelay = time.Second }).
		Wait(ctx, &kinesis.DescribeStreamInput{StreamName: stream}, time.Minute)
	check(err == nil, "%v", err)
	fmt.Println("DescribeStream")
	settled(2)

	data := make([]byte, 256)
	for i := range data {
		data[i] = byte(i)
	}
	out, err := client.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: stream, PartitionKey: aws.String("schlüssel-😀"), Data: data})
	put := must("PutRecord", out, err)
	var entries []types.PutRecordsRequestEntry
	for i := 0; i < 100; i++ {
		entries = append(entries, types.PutRecordsRequestEntry{PartitionKey: aws.String(fmt.Sprint("key-", i)), Data: []byte(fmt.Sprint("value-", i))})
	}
	many, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: stream, Records: entries})
	check(*must("PutRecords", many, err).FailedRecordCount == 0, "a put failed")

	list, err := client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: stream})
	shards := must("ListShards", list, err).Shards
	total, ofShard := 0, 0
	for _, shard := range shards {
		records, _ := read(shard.ShardId, types.ShardIteratorTypeTrimHorizon, nil)
		total += len(records)
		if *shard.ShardId == *put.ShardId {
			ofShard = len(records)
		}
	}
	check(total == 101, "read %d records", total)
	records, _ := read(put.ShardId, types.ShardIteratorTypeAtSequenceNumber, put.SequenceNumber)
	check(bytes.Equal(records[0].Data, data) && *records[0].PartitionKey == "schlüssel-😀", "the record is another one")

	summary, err := client.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: stream})
	must("DescribeStreamSummary", summary, err)
	subscribe(summary.StreamDescriptionSummary.StreamARN, put.ShardId, ofShard)

	start, _ := new(big.Int).SetString(*shards[0].HashKeyRange.StartingHashKey, 10)
	end, _ := new(big.Int).SetString(*shards[0].HashKeyRange.EndingHashKey, 10)
	middle := start.Add(start, end).Rsh(start, 1).String()
	split, err := client.SplitShard(ctx, &kinesis.SplitShardInput{StreamName: stream, ShardToSplit: shards[0].ShardId, NewStartingHashKey: &middle})
	must("SplitShard", split, err)
	settled(3)
	_, children := read(shards[0].ShardId, types.ShardIteratorTypeTrimHorizon, nil)
	check(len(children) == 2, "%d children", len(children))
	merge, err := client.MergeShards(ctx, &kinesis.MergeShardsInput{StreamName: stream, ShardToMerge: children[0].ShardId, AdjacentShardToMerge: children[1].ShardId})
	must("MergeShards", merge, err)
	settled(2)
	update, err := client.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{StreamName: stream, TargetShardCount: aws.Int32(4), ScalingType: types.ScalingTypeUniformScaling})
	must("UpdateShardCount", update, err)
	settled(4)

	_, err = client.DescribeStream(ctx, &kinesis.DescribeStreamInput{StreamName: aws.String("nowhere")})
	var notFound *types.ResourceNotFoundException
	check(errors.As(err, &notFound), "not ResourceNotFoundException: %v", err)
	_, err = client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: aws.String("AAAA")})
	var invalid *types.InvalidArgumentException
	check(errors.As(err, &invalid), "not InvalidArgumentException: %v", err)
	pages := kinesis.NewListStreamsPaginator(client, &kinesis.ListStreamsInput{Limit: aws.Int32(1)})
	found := false
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		for _, name := range must("ListStreams", page, err).StreamNames {
			found = found || name == *stream
		}
	}
	check(found, "ListStreams does not have the stream")
	deleted, err := client.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: stream})
	must("DeleteStream", deleted, err)
}
