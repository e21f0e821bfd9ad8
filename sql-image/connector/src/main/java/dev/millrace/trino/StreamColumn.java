/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.type.Type;

/**
 * A column of a stream's table, as Trino passes it around.
 *
 * @param hidden whether {@code SELECT *} leaves it out
 */
public record StreamColumn(String name, Type type, boolean hidden) implements ColumnHandle {}
