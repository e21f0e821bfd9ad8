/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

import dev.millrace.analytics.progress.Progress;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.Shard;
import dev.millrace.shard.ShardId;
import dev.millrace.shard.StreamId;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.encryption.KeyName;
import dev.millrace.shard.encryption.RecordCipher;
import dev.millrace.shard.log.ShardMapLog;
import dev.millrace.shard.log.ShardMapView;
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
import org.apache.kafka.common.TopicPartition;

/**
 * Writes the results of a run and the progress that goes with them in one Kafka transaction: both
 * are there or neither, also after a kill -9 at any point, and nobody writes who was replaced by
 * another process.
 *
 * <p>Results go into streams as puts do, by the hash of the partition key. A shard that is being
 * closed ends at the offset that its partition has when all gateways have stopped; a record behind
 * it would be in no shard. So, when all results of a transaction are in Kafka and before it is
 * committed, the shard map is read up to its present end: if each shard is open there, its end was
 * not looked for yet, and will lie behind the results. Otherwise the transaction is aborted and the
 * results are written anew, to the children. One thread uses it.
 */
public final class ResultWriter implements AutoCloseable {

    private static final Duration MAP_WAIT = Duration.ofSeconds(10);

    private final Producer<byte[], byte[]> producer;
    private final Consumer<byte[], byte[]> logEnds;
    private final ShardMapView view;
    private final RecordCipher cipher;
    private final TopicPartition progressLog;
    private final Set<Target> written = new HashSet<>();
    private boolean inTransaction;
    private long records;

    private record Target(StreamName stream, StreamId id, ShardId shard) {}

    /**
     * @param producer has a transactional id of the application
     * @param logEnds has no partitions; is asked for the end of the shard map's log
     * @param progressLog where the progress is written, compacted
     */
    public ResultWriter(
            Producer<byte[], byte[]> producer,
            Consumer<byte[], byte[]> logEnds,
            ShardMapView view,
            RecordCipher cipher,
            TopicPartition progressLog) {
        this.producer = producer;
        this.logEnds = logEnds;
        this.view = view;
        this.cipher = cipher;
        this.progressLog = progressLog;
    }

    /** Ends the transactions of whoever wrote before. Call it once, first. */
    public void takeOver() {
        producer.initTransactions();
    }

    /**
     * Adds a result.
     *
     * @throws OutputMissingException if there is no such stream
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the commit fails if one of them does
    public void write(StreamName name, String partitionKey, byte[] data)
            throws OutputMissingException {
        StreamView stream =
                view.latest().map().stream(name)
                        .orElseThrow(() ->
                                new OutputMissingException(
                                        "There is no stream " + name + " to write to"));
        Shard shard =
                stream.route(HashKey.ofPartitionKey(partitionKey))
                        .orElseThrow(() ->
                                new OutputMissingException(
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

    /**
     * Makes all of it seen, with the progress that it led to.
     *
     * @return how many results were written
     * @throws ShardMovedException if a shard was closed meanwhile; nothing is seen then
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the commit fails if it does
    public long commit(Progress progress)
            throws ShardMovedException, InterruptedException, TimeoutException {
        begin();
        producer.send(
                new ProducerRecord<>(
                        progressLog.topic(),
                        progressLog.partition(),
                        KEY.getBytes(StandardCharsets.UTF_8),
                        progress.encode()));
        if (!written.isEmpty()) {
            producer.flush();
            checkShards();
        }
        producer.commitTransaction();
        long count = records;
        reset();
        return count;
    }

    /** The key of the one record of the progress log. */
    static final String KEY = "progress";

    /** Forgets what was written since the last commit. */
    public void abort() {
        if (inTransaction) {
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
        if (!inTransaction) {
            producer.beginTransaction();
            inTransaction = true;
        }
    }

    private void reset() {
        inTransaction = false;
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
