/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import java.time.Duration;
import java.util.List;

/**
 * Carries messages between the gateways of a pool, each to all, within milliseconds. It may lose
 * them, or be late. One thread calls {@link #receive} and {@link #close}.
 */
public interface ShareExchange {

    /** Does not wait. */
    void send(byte[] message);

    /** What came since the last call; the first call begins with what is sent from now on. */
    List<byte[]> receive(Duration atMost);

    void close();

    /** One that reaches nobody, for a gateway that has no pool. */
    ShareExchange NONE =
            new ShareExchange() {
                @Override
                public void send(byte[] message) {}

                @Override
                public List<byte[]> receive(Duration atMost) {
                    return List.of();
                }

                @Override
                public void close() {}
            };
}
