/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import java.time.Duration;

/** Hears what processing does, for metrics. Called by any thread. */
public interface ProcessingListener {

    /** Nobody listens. */
    ProcessingListener NONE =
            new ProcessingListener() {
                @Override
                public void called(Duration took, boolean succeeded) {
                    // Nobody listens.
                }

                @Override
                public void processed(int records, long bytes) {
                    // Nobody listens.
                }

                @Override
                public void converted(boolean succeeded, int records, long bytes) {
                    // Nobody listens.
                }

                @Override
                public void partitioned(Duration took) {
                    // Nobody listens.
                }
            };

    /** A function was called once. */
    void called(Duration took, boolean succeeded);

    /** A function has processed records, of so many bytes when they were put. */
    void processed(int records, long bytes);

    /** Records are rows, or are none. */
    void converted(boolean succeeded, int records, long bytes);

    /** Partition keys were taken out of some records. */
    void partitioned(Duration took);
}
