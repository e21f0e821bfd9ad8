/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.settings;

import dev.millrace.delivery.http.EndpointSettings;
import dev.millrace.delivery.iceberg.IcebergSettings;
import dev.millrace.delivery.search.SearchSettings;
import dev.millrace.delivery.splunk.SplunkSettings;
import dev.millrace.delivery.sql.PostgresSettings;
import dev.millrace.delivery.sql.RedshiftSettings;
import dev.millrace.delivery.topic.TopicSettings;

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

    /**
     * @param objects where objects lie that it loads
     */
    record Redshift(RedshiftSettings settings, S3Target objects) implements DestinationSettings {
        @Override
        public String metricName() {
            return "redshift";
        }
    }

    record Iceberg(IcebergSettings settings) implements DestinationSettings {
        @Override
        public String metricName() {
            return "iceberg";
        }
    }

    record Endpoint(EndpointSettings settings) implements DestinationSettings {
        @Override
        public String metricName() {
            return "http.endpoint";
        }
    }

    record Splunk(SplunkSettings settings) implements DestinationSettings {
        @Override
        public String metricName() {
            return "splunk";
        }
    }

    record Topic(TopicSettings settings) implements DestinationSettings {
        @Override
        public String metricName() {
            return "kafka";
        }
    }

    record Search(SearchSettings settings) implements DestinationSettings {
        @Override
        public String metricName() {
            return "amazon.open.search.service";
        }
    }
}
