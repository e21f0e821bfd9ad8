/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.shardmap;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the topics that gateways need for themselves. */
public final class InternalTopics {

    private static final Logger log = LoggerFactory.getLogger(InternalTopics.class);
    private static final Duration RETRY_EVERY = Duration.ofMillis(250);

    private InternalTopics() {}

    /**
     * Makes the topics where they are missing; brokers that are still starting are waited for.
     *
     * @throws IllegalStateException if that takes longer than the time given
     */
    public static void ensure(Admin admin, List<NewTopic> topics, Duration atMost)
            throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (NewTopic topic : topics) {
            while (!create(admin, topic)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "Topic %s cannot be made: the brokers did not take it within %s"
                                    .formatted(topic.name(), atMost));
                }
                Thread.sleep(RETRY_EVERY);
            }
        }
    }

    private static boolean create(Admin admin, NewTopic topic) throws InterruptedException {
        try {
            admin.createTopics(List.of(topic)).all().get(10, TimeUnit.SECONDS);
            log.info("Made topic {}", topic.name());
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return true;
            }
            if (e.getCause() instanceof RetriableException
                    || e.getCause() instanceof InvalidReplicationFactorException) {
                log.debug(
                        "Topic {} cannot be made yet: {}", topic.name(), e.getCause().getMessage());
                return false;
            }
            throw new IllegalStateException("Cannot make topic " + topic.name(), e.getCause());
        } catch (TimeoutException _) {
            return false;
        }
    }
}
