/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.topic;

import dev.millrace.delivery.secret.MountedSecret;
import java.util.Optional;

/**
 * A topic of some Kafka.
 *
 * @param properties a Secret with {@code client.properties}
 */
public record TopicSettings(
        String bootstrapServers, String topic, Optional<MountedSecret> properties) {}
