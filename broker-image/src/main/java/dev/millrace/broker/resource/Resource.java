/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.resource;

import dev.millrace.broker.consumer.Registered;
import dev.millrace.shard.map.Command;
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
