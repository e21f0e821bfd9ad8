/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.search;

import dev.millrace.delivery.secret.MountedSecret;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.WeekFields;
import java.util.Optional;

/**
 * A cluster and an index in it.
 *
 * @param credentials a Secret with {@code username} and {@code password}, or with {@code apiKey}
 * @param ca a Secret with {@code ca.crt}
 * @param index the index's name, without the time
 * @param typeName for Elasticsearch 6
 * @param documentIds whether documents get ids, so that no try makes a second one
 */
public record SearchSettings(
        URI endpoint,
        Optional<MountedSecret> credentials,
        Optional<MountedSecret> ca,
        String index,
        Rotation rotation,
        Optional<String> typeName,
        boolean documentIds) {

    /** How often another index begins. */
    public enum Rotation {
        NO_ROTATION("NoRotation", ""),
        ONE_HOUR("OneHour", "-yyyy-MM-dd-HH"),
        ONE_DAY("OneDay", "-yyyy-MM-dd"),
        ONE_WEEK("OneWeek", ""),
        ONE_MONTH("OneMonth", "-yyyy-MM");

        /** Weeks begin on Sundays, the first has the first Saturday, as Firehose's guide says. */
        private static final DateTimeFormatter WEEK =
                new DateTimeFormatterBuilder()
                        .appendLiteral('-')
                        .appendValue(WeekFields.SUNDAY_START.weekBasedYear(), 4)
                        .appendLiteral("-w")
                        .appendValue(WeekFields.SUNDAY_START.weekOfWeekBasedYear(), 2)
                        .toFormatter()
                        .withZone(ZoneOffset.UTC);

        private final String apiName;
        private final DateTimeFormatter format;

        Rotation(String apiName, String pattern) {
            this.apiName = apiName;
            this.format = DateTimeFormatter.ofPattern(pattern).withZone(ZoneOffset.UTC);
        }

        /**
         * The rotation of a name in the API.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Rotation parse(String name) {
            for (Rotation rotation : values()) {
                if (rotation.apiName.equals(name)) {
                    return rotation;
                }
            }
            throw new IllegalArgumentException("'" + name + "' is no rotation of an index");
        }

        /** What is behind an index's name at a time. */
        public String suffix(Instant time) {
            return this == ONE_WEEK ? WEEK.format(time) : format.format(time);
        }
    }
}
