/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.log;

import dev.millrace.shard.HashKey;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.KeyName;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.map.ShardMap;
import dev.millrace.shard.map.StreamState;
import dev.millrace.shard.map.StreamView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes records into streams in Kafka transactions: all of one are seen or none, also after a kill
 * -9 at any point, and nobody writes who was replaced by another process.
 *
 * <p>Records go into streams as puts do, by the hash of the partition key. A shard that is being
 * closed ends at the offset that its partition has when all gateways have stopped; a record behind
 * it would be in no shard. So, when all records of a transaction are in Kafka and before it is
 * committed, the shard map is read up to its present end: if each shard is open there, its end was
 * not looked for yet, and will lie behind the records. Otherwise the transaction is to be aborted
 * and the records written anew, to the children. One thread uses it.
 */
public final class StreamTransaction implements AutoCloseable {

    private static final Duration MAP_WAIT = Duration.ofSeconds(10);

    private final Producer<byte[], byte[]> producer;
    private final Consumer<byte[], byte[]> logEnds;
    private final ShardMapView view;
    private final RecordCipher cipher;
    private final Set<Target> written = new HashSet<>();
    private boolean isBegun;
    private long records;

    private record Target(StreamName stream, StreamId id, ShardId shard) {}

    /**
     * @param producer has a transactional id
     * @param logEnds has no partitions; is asked for the end of the shard map's log
     */
    public StreamTransaction(
            Producer<byte[], byte[]> producer,
            Consumer<byte[], byte[]> logEnds,
            ShardMapView view,
            RecordCipher cipher) {
        this.producer = producer;
        this.logEnds = logEnds;
        this.view = view;
        this.cipher = cipher;
    }

    /** Ends the transactions of whoever had this transactional id before. Call it once, first. */
    public void takeOver() {
        producer.initTransactions();
    }

    /**
     * Adds a record, to the shard that its key belongs to.
     *
     * @throws StreamMissingException if there is no such stream
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the commit fails if one of them does
    public void write(StreamName name, HashKey hash, String partitionKey, byte[] data)
            throws StreamMissingException {
        StreamView stream =
                view.latest().map().stream(name)
                        .orElseThrow(() ->
                                new StreamMissingException(
                                        "There is no stream " + name + " to write to"));
        Shard shard =
                stream.route(hash)
                        .orElseThrow(() ->
                                new StreamMissingException(
                                        "Stream " + name + " has no shards yet"));
        begin();
        StreamState state = stream.state();
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        state.topic(),
                        shard.partition(),
                        partitionKey.getBytes(StandardCharsets.UTF_8),
                        data);
        Optional<String> keyId = state.settings().keyId();
        if (keyId.isPresent()) {
            RecordCipher.Sealed sealed =
                    cipher.encrypt(KeyName.ofKeyId(keyId.get()), state.id(), data);
            record =
                    new ProducerRecord<>(
                            record.topic(), record.partition(), record.key(), sealed.ciphertext());
            record.headers().add(RecordCipher.HEADER, sealed.envelope());
        }
        producer.send(record);
        written.add(new Target(name, state.id(), shard.id()));
        records++;
    }

    /** Adds a record that is of no stream. */
    @SuppressWarnings("FutureReturnValueIgnored") // the commit fails if it does
    public void send(ProducerRecord<byte[], byte[]> record) {
        begin();
        producer.send(record);
    }

    /**
     * Makes all of it seen.
     *
     * @return how many records of streams there were
     * @throws ShardMovedException if a shard was closed meanwhile; nothing is seen then, and it is
     *     to be aborted
     */
    public long commit() throws ShardMovedException, InterruptedException, TimeoutException {
        if (!isBegun) {
            return 0;
        }
        if (!written.isEmpty()) {
            producer.flush();
            checkShards();
        }
        producer.commitTransaction();
        long count = records;
        reset();
        return count;
    }

    /** Forgets what was written since the last commit. */
    public void abort() {
        if (isBegun) {
            producer.abortTransaction();
        }
        reset();
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        logEnds.close();
    }

    private void begin() {
        if (!isBegun) {
            producer.beginTransaction();
            isBegun = true;
        }
    }

    private void reset() {
        isBegun = false;
        written.clear();
        records = 0;
    }

    private void checkShards() throws ShardMovedException, InterruptedException, TimeoutException {
        long end =
                logEnds.endOffsets(List.of(ShardMapLog.PARTITION), MAP_WAIT)
                        .getOrDefault(ShardMapLog.PARTITION, 0L);
        ShardMap map = view.awaitOffset(end, MAP_WAIT);
        for (Target target : written) {
            boolean open =
                    map.stream(target.stream())
                            .filter(stream -> stream.state().id().equals(target.id()))
                            .flatMap(stream -> stream.shard(target.shard()))
                            .filter(shard -> shard.phase() instanceof Shard.Open)
                            .isPresent();
            if (!open) {
                throw new ShardMovedException(
                        target.shard() + " of stream " + target.stream() + " is not open any more");
            }
        }
    }
}
