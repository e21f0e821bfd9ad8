/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.pool;

/** Why a condition of a pool is as it is, and what its Events are called: a closed list. */
enum PoolReason {
    AllBrokersReady,
    BrokersStarting,
    BrokersUpdating,
    SecretsFound,
    SecretNotFound,
    VolumesGrow,
    VolumesCannotGrow,
    VolumesFilling,
    VolumesFull,
    VolumesHaveRoom,
    Paused,
    ReconcileFailed
}
