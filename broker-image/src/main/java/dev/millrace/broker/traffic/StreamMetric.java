/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

/**
 * A metric of a stream: CloudWatch's name and meaning, in Prometheus's form. Each is counted by
 * each gateway; the sum over a pool's gateways is what CloudWatch calls Sum.
 *
 * @see <a href="https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html">
 *     Monitoring with CloudWatch</a>
 */
public enum StreamMetric {
    INCOMING_BYTES(
            "IncomingBytes", "incoming_bytes", "Bytes of records put (data and partition keys)"),
    INCOMING_RECORDS("IncomingRecords", "incoming_records", "Records put"),
    PUT_RECORD_BYTES("PutRecord.Bytes", "putrecord_bytes", "Bytes put by PutRecord"),
    PUT_RECORD_SUCCESS(
            "PutRecord.Success", "putrecord_success", "PutRecord operations that succeeded"),
    PUT_RECORDS_BYTES("PutRecords.Bytes", "putrecords_bytes", "Bytes put by PutRecords"),
    PUT_RECORDS_SUCCESS(
            "PutRecords.Success",
            "putrecords_success",
            "PutRecords operations of which at least one record succeeded"),
    PUT_RECORDS_TOTAL_RECORDS(
            "PutRecords.TotalRecords", "putrecords_total_records", "Records sent with PutRecords"),
    PUT_RECORDS_SUCCESSFUL_RECORDS(
            "PutRecords.SuccessfulRecords",
            "putrecords_successful_records",
            "Records of PutRecords that were put"),
    PUT_RECORDS_FAILED_RECORDS(
            "PutRecords.FailedRecords",
            "putrecords_failed_records",
            "Records of PutRecords that failed for a reason inside of the service"),
    PUT_RECORDS_THROTTLED_RECORDS(
            "PutRecords.ThrottledRecords",
            "putrecords_throttled_records",
            "Records of PutRecords beyond their shard's limit"),
    WRITE_PROVISIONED_THROUGHPUT_EXCEEDED(
            "WriteProvisionedThroughputExceeded",
            "write_provisioned_throughput_exceeded",
            "Records refused because their shard's limit was reached"),
    GET_RECORDS_BYTES("GetRecords.Bytes", "getrecords_bytes", "Bytes read by GetRecords"),
    GET_RECORDS_RECORDS("GetRecords.Records", "getrecords_records", "Records read by GetRecords"),
    GET_RECORDS_SUCCESS(
            "GetRecords.Success", "getrecords_success", "GetRecords operations that succeeded"),
    READ_PROVISIONED_THROUGHPUT_EXCEEDED(
            "ReadProvisionedThroughputExceeded",
            "read_provisioned_throughput_exceeded",
            "GetRecords operations refused because their shard's limit was reached"),
    SUBSCRIBE_TO_SHARD_SUCCESS(
            "SubscribeToShard.Success", "subscribetoshard_success", "Subscriptions that began"),
    SUBSCRIBE_TO_SHARD_RATE_EXCEEDED(
            "SubscribeToShard.RateExceeded",
            "subscribetoshard_rate_exceeded",
            "Subscriptions refused because there is one already, or too many are there"),
    SUBSCRIBE_TO_SHARD_EVENT_BYTES(
            "SubscribeToShardEvent.Bytes",
            "subscribetoshardevent_bytes",
            "Bytes sent to subscriptions"),
    SUBSCRIBE_TO_SHARD_EVENT_RECORDS(
            "SubscribeToShardEvent.Records",
            "subscribetoshardevent_records",
            "Records sent to subscriptions"),
    SUBSCRIBE_TO_SHARD_EVENT_SUCCESS(
            "SubscribeToShardEvent.Success",
            "subscribetoshardevent_success",
            "Events sent to subscriptions");

    private final String cloudWatchName;
    private final String prometheusName;
    private final String help;

    StreamMetric(String cloudWatchName, String prometheusName, String help) {
        this.cloudWatchName = cloudWatchName;
        this.prometheusName = "kinesis_" + prometheusName;
        this.help = help;
    }

    public String cloudWatchName() {
        return cloudWatchName;
    }

    /** Without the {@code _total} that Prometheus's counters end with. */
    public String prometheusName() {
        return prometheusName;
    }

    public String help() {
        return help;
    }
}
