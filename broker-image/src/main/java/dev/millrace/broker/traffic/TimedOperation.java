/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.traffic;

/** The operations that CloudWatch times for each stream. */
enum TimedOperation {
    PUT_RECORD("PutRecord.Latency", "kinesis_putrecord_latency_seconds"),
    PUT_RECORDS("PutRecords.Latency", "kinesis_putrecords_latency_seconds"),
    GET_RECORDS("GetRecords.Latency", "kinesis_getrecords_latency_seconds");

    private final String cloudWatchName;
    private final String prometheusName;

    TimedOperation(String cloudWatchName, String prometheusName) {
        this.cloudWatchName = cloudWatchName;
        this.prometheusName = prometheusName;
    }

    String cloudWatchName() {
        return cloudWatchName;
    }

    String prometheusName() {
        return prometheusName;
    }
}
