/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import java.util.Map;

/** A piece of a source record on its way through the stages. */
sealed interface Item {

    SourceRecord source();

    /**
     * On its way.
     *
     * @param data as the last stage left it; not to be changed
     * @param partitionKeys as far as they are known
     */
    record Live(SourceRecord source, byte[] data, Map<String, String> partitionKeys)
            implements Item {
        public Live {
            partitionKeys = Map.copyOf(partitionKeys);
        }

        Live withData(byte[] newData) {
            return new Live(source, newData, partitionKeys);
        }

        Failed failed(String errorType, String code, String message) {
            return new Failed(source, errorType, code, message, 1, data);
        }
    }

    /**
     * Never to be delivered.
     *
     * @param errorType where it goes below the error prefix
     * @param data what could not be processed
     */
    record Failed(
            SourceRecord source,
            String errorType,
            String code,
            String message,
            int attempts,
            byte[] data)
            implements Item {}
}
