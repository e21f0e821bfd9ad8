/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.flink;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * The tumbling query of {@code bench/run sql} in Flink SQL: local, exactly once from Kafka to Kafka,
 * with its defaults but for a checkpoint a second, which results wait for. Arguments: brokers, the
 * input's topic, the output's topic.
 */
public final class Tumbling {

    private Tumbling() {}

    public static void main(String[] arguments) throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("execution.checkpointing.interval", "1s");
        configuration.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
        configuration.setString("parallelism.default", "2");
        configuration.setString("taskmanager.numberOfTaskSlots", "2");
        configuration.setString("rest.bind-port", "0");
        TableEnvironment tables =
                TableEnvironment.create(
                        EnvironmentSettings.newInstance()
                                .inStreamingMode()
                                .withConfiguration(configuration)
                                .build());
        tables.executeSql(
                """
                CREATE TABLE rows_in (`at` BIGINT, id BIGINT, region STRING, price DOUBLE, note STRING,
                  t AS TO_TIMESTAMP_LTZ(`at`, 3), WATERMARK FOR t AS t)
                WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '%s', 'topic' = '%s',
                  'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'properties.isolation.level' = 'read_committed',
                  'scan.watermark.idle-timeout' = '2s')
                """
                        .formatted(arguments[0], arguments[1]));
        tables.executeSql(
                """
                CREATE TABLE results (window_start TIMESTAMP(3), region STRING, n BIGINT, p DOUBLE, m BIGINT, l INT)
                WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '%s', 'topic' = '%s', 'format' = 'json',
                  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'bench-%s',
                  'properties.transaction.timeout.ms' = '60000')
                """
                        .formatted(arguments[0], arguments[2], arguments[2]));
        tables.executeSql(
                        """
                        INSERT INTO results
                        SELECT window_start, region, COUNT(*), SUM(price), MAX(id), MAX(CHAR_LENGTH(note))
                        FROM TABLE(TUMBLE(TABLE rows_in, DESCRIPTOR(t), INTERVAL '10' SECOND))
                        GROUP BY window_start, window_end, region
                        """)
                .await();
    }
}
