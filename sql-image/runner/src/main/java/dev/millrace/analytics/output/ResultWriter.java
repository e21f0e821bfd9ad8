/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.analytics.output;

import dev.millrace.analytics.progress.Progress;
import dev.millrace.shard.HashKey;
import dev.millrace.shard.StreamName;
import dev.millrace.shard.log.ShardMovedException;
import dev.millrace.shard.log.StreamMissingException;
import dev.millrace.shard.log.StreamTransaction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Writes the results of a run and the progress that goes with them in one transaction: both are
 * there or neither. One thread uses it.
 */
public final class ResultWriter implements AutoCloseable {

    /** The key of the one record of the progress log. */
    static final String KEY = "progress";

    private final StreamTransaction transaction;
    private final TopicPartition progressLog;
    private long stateBytes;

    /**
     * @param transaction its transactional id is of the application
     * @param progressLog where the progress is written, compacted
     */
    public ResultWriter(StreamTransaction transaction, TopicPartition progressLog) {
        this.transaction = transaction;
        this.progressLog = progressLog;
    }

    /** Ends the transactions of whoever wrote before. Call it once, first. */
    public void takeOver() {
        transaction.takeOver();
    }

    /**
     * Adds a result.
     *
     * @throws StreamMissingException if there is no such stream
     */
    public void write(StreamName stream, String partitionKey, byte[] data)
            throws StreamMissingException {
        transaction.write(stream, HashKey.ofPartitionKey(partitionKey), partitionKey, data);
    }

    /**
     * Makes all of it seen, with the progress that it led to.
     *
     * @return how many results were written
     * @throws ShardMovedException if a shard was closed meanwhile; nothing is seen then
     */
    public long commit(Progress progress)
            throws ShardMovedException, InterruptedException, TimeoutException {
        byte[] state = progress.encode();
        transaction.send(
                new ProducerRecord<>(
                        progressLog.topic(),
                        progressLog.partition(),
                        KEY.getBytes(StandardCharsets.UTF_8),
                        state));
        long results = transaction.commit();
        stateBytes = state.length;
        return results;
    }

    /** How large the progress was that was committed last. */
    public long stateBytes() {
        return stateBytes;
    }

    /** Forgets what was written since the last commit. */
    public void abort() {
        transaction.abort();
    }

    @Override
    public void close() {
        transaction.close();
    }
}
