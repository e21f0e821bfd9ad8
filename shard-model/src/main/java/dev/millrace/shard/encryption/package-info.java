/* SPDX-License-Identifier: Apache-2.0 */
/** Encryption of records: data keys in envelopes, wrapped by keys that stand for KMS's. */
@NullMarked
package dev.millrace.shard.encryption;

import org.jspecify.annotations.NullMarked;
