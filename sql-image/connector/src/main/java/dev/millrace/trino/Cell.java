/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.airlift.slice.Slice;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Type;
import org.jspecify.annotations.Nullable;

/** One value on its way into a page, used again for each row. */
final class Cell {

    private enum Kind {
        NULL,
        LONG,
        DOUBLE,
        BOOLEAN,
        SLICE,
        OBJECT
    }

    private Kind kind = Kind.NULL;
    private long number;
    private double real;
    private @Nullable Object object;

    void clear() {
        kind = Kind.NULL;
        object = null;
    }

    void set(long value) {
        kind = Kind.LONG;
        number = value;
    }

    void set(double value) {
        kind = Kind.DOUBLE;
        real = value;
    }

    void set(boolean value) {
        kind = Kind.BOOLEAN;
        number = value ? 1 : 0;
    }

    void set(Slice value) {
        kind = Kind.SLICE;
        object = value;
    }

    void setObject(Object value) {
        kind = Kind.OBJECT;
        object = value;
    }

    void writeTo(BlockBuilder block, Type type) {
        switch (kind) {
            case NULL -> block.appendNull();
            case LONG -> type.writeLong(block, number);
            case DOUBLE -> type.writeDouble(block, real);
            case BOOLEAN -> type.writeBoolean(block, number != 0);
            case SLICE -> {
                if (object instanceof Slice slice) {
                    type.writeSlice(block, slice);
                }
            }
            case OBJECT -> {
                if (object != null) {
                    type.writeObject(block, object);
                }
            }
        }
    }
}
