/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.search.SearchSettings;
import dev.millrace.delivery.sql.PostgresSettings;

/** Where records go. */
public sealed interface DestinationSettings {

    /** What CloudWatch calls it behind "DeliveryTo", in the words of a metric's name. */
    String metricName();

    record S3(S3Target target) implements DestinationSettings {
        @Override
        public String metricName() {
            return "s3";
        }
    }

    record Postgres(PostgresSettings settings) implements DestinationSettings {
        @Override
        public String metricName() {
            return "postgresql";
        }
    }

    record Search(SearchSettings settings) implements DestinationSettings {
        @Override
        public String metricName() {
            return "amazon.open.search.service";
        }
    }
}
