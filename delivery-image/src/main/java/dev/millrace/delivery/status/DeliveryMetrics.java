/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.status;

import dev.millrace.delivery.status.WorkerStatus.Total;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Metrics by CloudWatch's names, as Prometheus writes them: DeliveryToS3.Records is {@code
 * millrace_delivery_to_s3_records_total}, and so on.
 *
 * @param destination as CloudWatch names it after "DeliveryTo", such as {@code s3}
 */
public record DeliveryMetrics(WorkerStatus status, String deliveryStream, String destination)
        implements MeterBinder {

    @Override
    public void bindTo(MeterRegistry registry) {
        String delivery = "millrace.delivery.to." + destination;
        counter(registry, delivery + ".records", Total.DELIVERED_RECORDS);
        counter(registry, delivery + ".bytes", Total.DELIVERED_BYTES);
        counter(registry, delivery + ".object.count", Total.DELIVERED_OBJECTS);
        counter(registry, delivery + ".attempts", Total.ATTEMPTS);
        counter(registry, delivery + ".failed.attempts", Total.FAILED_ATTEMPTS);
        counter(registry, "millrace.backup.to.s3.records", Total.BACKED_UP_RECORDS);
        counter(registry, "millrace.backup.to.s3.bytes", Total.BACKED_UP_BYTES);
        counter(registry, "millrace.failed.delivery.records", Total.FAILED_RECORDS);
        counter(registry, "millrace.failed.delivery.bytes", Total.FAILED_BYTES);
        counter(registry, "millrace.data.read.from.stream.records", Total.READ_RECORDS);
        counter(registry, "millrace.data.read.from.stream.bytes", Total.READ_BYTES);
        counter(registry, "millrace.expired.records", Total.EXPIRED_RECORDS);
        counter(registry, "millrace.execute.processing.calls", Total.FUNCTION_CALLS);
        counter(registry, "millrace.execute.processing.failed.calls", Total.FAILED_FUNCTION_CALLS);
        seconds(registry, "millrace.execute.processing.duration.seconds", Total.FUNCTION_NANOS);
        counter(registry, "millrace.succeed.processing.records", Total.PROCESSED_RECORDS);
        counter(registry, "millrace.succeed.processing.bytes", Total.PROCESSED_BYTES);
        counter(registry, "millrace.succeed.conversion.records", Total.CONVERTED_RECORDS);
        counter(registry, "millrace.succeed.conversion.bytes", Total.CONVERTED_BYTES);
        counter(registry, "millrace.failed.conversion.records", Total.NOT_CONVERTED_RECORDS);
        counter(registry, "millrace.failed.conversion.bytes", Total.NOT_CONVERTED_BYTES);
        seconds(registry, "millrace.jq.processing.duration.seconds", Total.PARTITIONING_NANOS);
        counter(registry, "millrace.partition.count.exceeded", Total.PARTITION_COUNT_EXCEEDED);
        Gauge.builder("millrace.partition.count", status, s -> s.progress().activePartitions())
                .tags(tags())
                .description("Partitions that have records which are not delivered")
                .register(registry);
        Gauge.builder(
                        delivery + ".data.freshness.seconds",
                        status,
                        s -> s.freshness().toMillis() / 1000.0)
                .tags(tags())
                .description("The age of the oldest record that is not delivered")
                .register(registry);
        Gauge.builder(
                        "millrace.kinesis.millis.behind.latest",
                        status,
                        s -> s.progress().millisBehindLatest())
                .tags(tags())
                .register(registry);
        Gauge.builder("millrace.delivery.lag.records", status, s -> s.progress().lagRecords())
                .tags(tags())
                .register(registry);
        Gauge.builder("millrace.delivery.buffered.bytes", status, s -> s.progress().heldBytes())
                .tags(tags())
                .register(registry);
    }

    private void counter(MeterRegistry registry, String name, Total total) {
        FunctionCounter.builder(name, status, s -> s.total(total)).tags(tags()).register(registry);
    }

    private void seconds(MeterRegistry registry, String name, Total nanos) {
        FunctionCounter.builder(name, status, s -> s.total(nanos) / 1e9)
                .tags(tags())
                .register(registry);
    }

    private Tags tags() {
        return Tags.of("delivery_stream", deliveryStream);
    }
}
