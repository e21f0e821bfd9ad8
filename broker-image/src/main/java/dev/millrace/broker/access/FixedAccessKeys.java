/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Access keys that never change. */
public final class FixedAccessKeys implements AccessKeys {

    private final Map<String, AccessKey> byId;

    /**
     * @throws IllegalStateException if an id comes twice
     */
    public FixedAccessKeys(Collection<AccessKey> keys) {
        this.byId = keys.stream().collect(Collectors.toUnmodifiableMap(AccessKey::id, key -> key));
    }

    @Override
    public Optional<AccessKey> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }
}
