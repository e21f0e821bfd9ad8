/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.firehose;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.broker.wire.AwsException;

/**
 * What of a delivery stream cannot change once it is there. The schema of the DeliveryStream
 * resource says the same, so that what is taken here is taken there.
 */
final class Unchangeable {

    private Unchangeable() {}

    /**
     * @throws AwsException if spec cannot go from one to the other
     */
    static void check(JsonNode before, JsonNode after) {
        if (isPartitioned(before) != isPartitioned(after)) {
            throw AwsException.invalidArgument(
                    "Dynamic Partitioning can neither be enabled nor disabled for a Firehose that is there.");
        }
        JsonNode destination = after.path("destination");
        String modeBefore = before.path("backup").path("mode").asText("");
        String mode = after.path("backup").path("mode").asText("");
        if (modeBefore.equals(mode)) {
            return;
        }
        boolean toS3 = destination.has("s3") || destination.has("redshift");
        if (toS3 && mode.isEmpty()) {
            throw AwsException.invalidArgument(
                    "S3BackupMode cannot be changed to Disabled once it is Enabled.");
        }
        if (destination.has("opensearch")) {
            throw AwsException.invalidArgument("S3BackupMode cannot be changed.");
        }
        if (destination.has("splunk") && modeBefore.equals("AllData")) {
            throw AwsException.invalidArgument(
                    "S3BackupMode cannot be changed from AllEvents to FailedEventsOnly.");
        }
    }

    private static boolean isPartitioned(JsonNode spec) {
        return Translation.hasPartitionKeys(spec.path("destination").path("s3").path("prefix"));
    }
}
