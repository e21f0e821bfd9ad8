/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

/** Why a condition of a DeliveryStream is as it is, and what its Events are called: closed. */
enum DeliveryReason {
    Delivering,
    Reading,
    Suspended,
    PoolCreated,
    PoolNotReady,
    SourceNotFound,
    SourceNotReady,
    SecretNotFound,
    NameTaken,
    InvalidArgument,
    GatewayUnreachable,
    GatewayBusy,
    WorkersStarting,
    WorkersUpdating,
    WorkersFail,
    NotKnown,
    DestinationUnreachable,
    DeliveryFails,
    MoreWorkersThanShards,
    ConfigurationChanged,
    ChangedThroughApi,
    DeletedThroughApi,
    Paused,
    ReconcileFailed
}
