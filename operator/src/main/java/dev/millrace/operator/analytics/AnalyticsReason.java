/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

/**
 * Why a condition of an AnalyticsApplication is as it is, and what its Events are called: closed.
 */
enum AnalyticsReason {
    Running,
    Stopped,
    CodeAccepted,
    CodeRefused,
    NotKnown,
    StreamsReady,
    InputNotFound,
    ColumnsMissing,
    OutputNotFound,
    TableFails,
    PoolNotReady,
    ConfigMapNotFound,
    SecretNotFound,
    InvalidArgument,
    PodStarting,
    PodUpdating,
    PodFails,
    QueryFails,
    ConfigurationChanged,
    Paused,
    ReconcileFailed
}
