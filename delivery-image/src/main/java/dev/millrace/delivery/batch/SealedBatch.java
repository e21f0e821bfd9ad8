/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.batch;

/** A batch that is complete and written down: it may go out. */
public record SealedBatch(BatchDescriptor descriptor, Payload payload) {}
