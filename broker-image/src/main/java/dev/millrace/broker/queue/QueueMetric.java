/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.queue;

/**
 * What is counted of a queue, with names made as CloudWatch's of streams are. Each gateway counts
 * what goes through itself.
 */
public enum QueueMetric {
    RECEIVE_SUCCESS(
            "ReceiveQueueRecords.Success",
            "receivequeuerecords_success",
            "ReceiveQueueRecords operations that succeeded, those that got nothing included"),
    RECEIVE_RECORDS(
            "ReceiveQueueRecords.Records",
            "receivequeuerecords_records",
            "Records received, each as often as it was"),
    RECEIVE_BYTES(
            "ReceiveQueueRecords.Bytes",
            "receivequeuerecords_bytes",
            "Bytes received (data and partition keys)"),
    RECEIVE_THROTTLED(
            "ReceiveQueueRecords.Throttled",
            "receivequeuerecords_throttled",
            "ReceiveQueueRecords operations refused: too much is in flight, or too many wait"),
    ACKNOWLEDGED_RECORDS(
            "AcknowledgeQueueRecords.Records",
            "acknowledgequeuerecords_records",
            "Records acknowledged"),
    ACKNOWLEDGE_FAILED_RECORDS(
            "AcknowledgeQueueRecords.FailedRecords",
            "acknowledgequeuerecords_failed_records",
            "Records that could not be acknowledged, as those whose visibility timeout was over and that were received again");

    private final String operationsName;
    private final String prometheusName;
    private final String help;

    QueueMetric(String operationsName, String prometheusName, String help) {
        this.operationsName = operationsName;
        this.prometheusName = "kinesis_" + prometheusName;
        this.help = help;
    }

    /** The operation, and what of it. */
    public String operationsName() {
        return operationsName;
    }

    /** Without the {@code _total} that Prometheus's counters end with. */
    public String prometheusName() {
        return prometheusName;
    }

    public String help() {
        return help;
    }
}
