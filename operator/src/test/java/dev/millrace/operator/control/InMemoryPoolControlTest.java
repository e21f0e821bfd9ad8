/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import java.time.Instant;
import java.time.InstantSource;

class InMemoryPoolControlTest extends PoolControlContract {

    private final InMemoryPoolControl control =
            new InMemoryPoolControl(InstantSource.fixed(Instant.parse("2026-11-01T00:00:00Z")));

    @Override
    PoolControl control() {
        return control;
    }

    @Override
    ApiSide api() {
        return control;
    }

    @Override
    void pass() {
        control.step();
    }
}
