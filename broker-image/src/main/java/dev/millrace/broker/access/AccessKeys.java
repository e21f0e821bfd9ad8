/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

import java.util.Optional;

/** The access keys that are valid now. Safe to ask from any thread. */
public interface AccessKeys {

    Optional<AccessKey> find(String id);
}
