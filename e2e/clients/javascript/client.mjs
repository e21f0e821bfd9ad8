// SPDX-License-Identifier: Apache-2.0
// The AWS SDK for JavaScript v3, which speaks HTTP/2 to Kinesis: each operation once, with what an application would look at.
import assert from 'node:assert/strict';
import * as kinesis from '@aws-sdk/client-kinesis';

const StreamName = process.argv[2];
const client = new kinesis.KinesisClient({});
const send = async (operation, input) => {
  const output = await client.send(new kinesis[`${operation}Command`](input));
  console.log(operation);
  return output;
};
const active = () =>
  kinesis.waitUntilStreamExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
const summary = async () => (await send('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;
const settled = async (shards) => {
  for (let i = 0; i < 100; i++) {
    const now = await summary();
    if (now.StreamStatus === 'ACTIVE' && now.OpenShardCount === shards) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`${StreamName} does not come to ${shards} shards`);
};
const refused = async (operation, input, name) => {
  await assert.rejects(client.send(new kinesis[`${operation}Command`](input)), (error) => {
    assert.equal(error.name, name);
    assert.ok(error instanceof kinesis[name], `${name} is a class of the SDK`);
    assert.ok(error.$metadata.requestId);
    return true;
  });
};

await send('CreateStream', { StreamName, ShardCount: 2 });
await refused('CreateStream', { StreamName, ShardCount: 2 }, 'ResourceInUseException');
await active();
await settled(2);
await send('AddTagsToStream', { StreamName, Tags: { team: 'ünïcode', empty: '' } });
const tags = await send('ListTagsForStream', { StreamName });
assert.deepEqual(tags.Tags.map((tag) => `${tag.Key}=${tag.Value}`).sort(), ['empty=', 'team=ünïcode']);
await send('RemoveTagsFromStream', { StreamName, TagKeys: ['empty'] });
await send('IncreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 48 });
assert.equal((await summary()).RetentionPeriodHours, 48);

const bytes = new Uint8Array(256).map((_, i) => i);
const put = await send('PutRecord', { StreamName, PartitionKey: 'schlüssel-😀', Data: bytes });
assert.match(put.SequenceNumber, /^[0-9]{56}$/);
const many = await send('PutRecords', {
  StreamName,
  Records: Array.from({ length: 100 }, (_, i) => ({ PartitionKey: `key-${i}`, Data: Buffer.from(`value-${i}`) })),
});
assert.equal(many.FailedRecordCount, 0);

const { Shards } = await send('ListShards', { StreamName });
assert.equal(Shards.length, 2);
const read = async (ShardId, from) => {
  let { ShardIterator } = await send('GetShardIterator', { StreamName, ShardId, ...from });
  const records = [];
  let children = [];
  while (ShardIterator) {
    const got = await send('GetRecords', { ShardIterator, Limit: 1000 });
    records.push(...got.Records);
    children = got.ChildShards ?? [];
    ShardIterator = got.MillisBehindLatest > 0 || got.Records.length > 0 ? got.NextShardIterator : undefined;
  }
  return { records, children };
};
const all = [];
for (const shard of Shards) {
  all.push(...(await read(shard.ShardId, { ShardIteratorType: 'TRIM_HORIZON' })).records);
}
assert.equal(all.length, 101);
const first = all.find((record) => record.SequenceNumber === put.SequenceNumber);
assert.deepEqual(new Uint8Array(first.Data), bytes);
assert.equal(first.PartitionKey, 'schlüssel-😀');
assert.ok(Math.abs(first.ApproximateArrivalTimestamp.getTime() - Date.now()) < 120_000);
const at = { StartingSequenceNumber: put.SequenceNumber };
assert.equal((await read(put.ShardId, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', ...at })).records[0].SequenceNumber, put.SequenceNumber);
assert.notEqual((await read(put.ShardId, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', ...at })).records[0]?.SequenceNumber, put.SequenceNumber);
assert.equal((await read(put.ShardId, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: first.ApproximateArrivalTimestamp })).records[0].SequenceNumber, put.SequenceNumber);
assert.equal((await read(put.ShardId, { ShardIteratorType: 'LATEST' })).records.length, 0);

const { StreamARN } = await summary();
const { Consumer } = await send('RegisterStreamConsumer', { StreamARN, ConsumerName: 'proof' });
for (let i = 0; i < 50; i++) {
  const { ConsumerDescription } = await send('DescribeStreamConsumer', { ConsumerARN: Consumer.ConsumerARN });
  if (ConsumerDescription.ConsumerStatus === 'ACTIVE') break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
assert.equal((await send('ListStreamConsumers', { StreamARN })).Consumers.length, 1);
const subscription = await send('SubscribeToShard', {
  ConsumerARN: Consumer.ConsumerARN,
  ShardId: put.ShardId,
  StartingPosition: { Type: 'TRIM_HORIZON' },
});
let seen = 0;
const expected = all.length - (await read(Shards.find((s) => s.ShardId !== put.ShardId).ShardId, { ShardIteratorType: 'TRIM_HORIZON' })).records.length;
for await (const event of subscription.EventStream) {
  assert.ok(event.SubscribeToShardEvent, JSON.stringify(event));
  seen += event.SubscribeToShardEvent.Records.length;
  if (seen >= expected) break;
}
assert.equal(seen, expected);
await send('DeregisterStreamConsumer', { ConsumerARN: Consumer.ConsumerARN });

const [shard] = Shards;
const middle = (BigInt(shard.HashKeyRange.StartingHashKey) + BigInt(shard.HashKeyRange.EndingHashKey)) / 2n;
await send('SplitShard', { StreamName, ShardToSplit: shard.ShardId, NewStartingHashKey: middle.toString() });
await settled(3);
const ended = await read(shard.ShardId, { ShardIteratorType: 'TRIM_HORIZON' });
assert.equal(ended.children.length, 2);
await send('MergeShards', {
  StreamName,
  ShardToMerge: ended.children[0].ShardId,
  AdjacentShardToMerge: ended.children[1].ShardId,
});
await settled(2);
await send('UpdateShardCount', { StreamName, TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' });
await settled(4);

await refused('DescribeStream', { StreamName: 'nowhere' }, 'ResourceNotFoundException');
await refused('GetRecords', { ShardIterator: 'AAAA' }, 'InvalidArgumentException');
let names = [];
for await (const page of kinesis.paginateListStreams({ client, pageSize: 1 }, {})) names = names.concat(page.StreamNames);
console.log('ListStreams');
assert.ok(names.includes(StreamName));
await send('DescribeLimits', {});
await send('DeleteStream', { StreamName });
await kinesis.waitUntilStreamNotExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
client.destroy();
