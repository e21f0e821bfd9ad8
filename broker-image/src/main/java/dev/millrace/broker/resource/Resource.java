/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.consumer.Registered;
import dev.millrace.broker.wire.AwsException;
import dev.millrace.shard.map.ChannelDefinition;
import dev.millrace.shard.map.Command;
import dev.millrace.shard.map.QueueDefinition;
import dev.millrace.shard.map.SettingChange;
import dev.millrace.shard.map.StreamState;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What has an ARN, and so tags and a policy. */
sealed interface Resource {

    Map<String, String> tags();

    /** A resource policy, JSON. */
    Optional<String> policy();

    Command changeTags(Map<String, String> added, Set<String> removed);

    Command changePolicy(Optional<String> document);

    /** A stream. */
    record OfStream(StreamState stream) implements Resource {
        @Override
        public Map<String, String> tags() {
            return stream.settings().tags();
        }

        @Override
        public Optional<String> policy() {
            return stream.settings().policy();
        }

        @Override
        public Command changeTags(Map<String, String> added, Set<String> removed) {
            return new Command.ChangeTags(stream.name(), added, removed);
        }

        @Override
        public Command changePolicy(Optional<String> document) {
            return new Command.ChangeSetting(stream.name(), new SettingChange.Policy(document));
        }
    }

    /** A queue. */
    record OfQueue(QueueDefinition queue) implements Resource {
        @Override
        public Map<String, String> tags() {
            return queue.tags();
        }

        @Override
        public Optional<String> policy() {
            return queue.policy();
        }

        @Override
        public Command changeTags(Map<String, String> added, Set<String> removed) {
            return new Command.ChangeQueueTags(queue.stream(), queue.id(), added, removed);
        }

        @Override
        public Command changePolicy(Optional<String> document) {
            return new Command.ChangeQueuePolicy(queue.stream(), queue.id(), document);
        }
    }

    /** A channel, which can have no policy. */
    record OfChannel(ChannelDefinition channel) implements Resource {
        @Override
        public Map<String, String> tags() {
            return channel.tags();
        }

        @Override
        public Optional<String> policy() {
            return Optional.empty();
        }

        @Override
        public Command changeTags(Map<String, String> added, Set<String> removed) {
            return new Command.ChangeChannelTags(channel.stream(), channel.id(), added, removed);
        }

        @Override
        public Command changePolicy(Optional<String> document) {
            throw AwsException.invalidArgument("A channel can have no resource policy.");
        }
    }

    /** A registered consumer. */
    record OfConsumer(Registered registered) implements Resource {
        @Override
        public Map<String, String> tags() {
            return registered.consumer().tags();
        }

        @Override
        public Optional<String> policy() {
            return registered.consumer().policy();
        }

        @Override
        public Command changeTags(Map<String, String> added, Set<String> removed) {
            return new Command.ChangeConsumerTags(
                    registered.streamName(), registered.consumer().name(), added, removed);
        }

        @Override
        public Command changePolicy(Optional<String> document) {
            return new Command.ChangeConsumerPolicy(
                    registered.streamName(), registered.consumer().name(), document);
        }
    }
}
