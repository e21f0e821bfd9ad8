/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.Test;

class ShardMapWriterTest {

    /** As Kafka's own does when it has to ask the brokers. */
    private static final class WokenConsumer extends MockConsumer<byte[], byte[]> {
        private int wakeUps = 2;

        WokenConsumer() {
            super(AutoOffsetResetStrategy.EARLIEST.name());
            assign(List.of(ShardMapTopics.INBOX));
            seek(ShardMapTopics.INBOX, 7);
        }

        @Override
        public synchronized long position(TopicPartition partition) {
            if (wakeUps-- > 0) {
                throw new WakeupException();
            }
            return super.position(partition);
        }
    }

    @Test
    void anOutcomeThatComesWhileThePositionIsAskedForEndsNoTerm() {
        assertThat(ShardMapWriter.position(new WokenConsumer())).isEqualTo(7);
    }
}
