/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.trino;

import dev.millrace.table.DataFormat;
import dev.millrace.table.HiddenColumn;
import dev.millrace.table.ScanRanges;
import dev.millrace.table.TableDescription;
import io.airlift.slice.Slice;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ColumnMetadata;
import io.trino.spi.connector.ConnectorInsertTableHandle;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorOutputMetadata;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTableLayout;
import io.trino.spi.connector.ConnectorTableMetadata;
import io.trino.spi.connector.ConnectorTableVersion;
import io.trino.spi.connector.Constraint;
import io.trino.spi.connector.ConstraintApplicationResult;
import io.trino.spi.connector.LimitApplicationResult;
import io.trino.spi.connector.PointerType;
import io.trino.spi.connector.RelationColumnsMetadata;
import io.trino.spi.connector.RetryMode;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.statistics.ComputedStatistics;
import io.trino.spi.statistics.Estimate;
import io.trino.spi.statistics.TableStatistics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables and columns, and what of a query the scan takes over. */
final class StreamMetadata implements ConnectorMetadata {

    /** The only schema. */
    static final String SCHEMA = "default";

    private final StreamTables tables;

    /** {@code "orders$put"} is the stream of {@code orders} with the columns that a put has. */
    private static final String PUT = "$put";

    private final ColumnTypes types;
    private final StreamSplits splits;

    StreamMetadata(StreamTables tables, ColumnTypes types, StreamSplits splits) {
        this.tables = tables;
        this.types = types;
        this.splits = splits;
    }

    @Override
    public List<String> listSchemaNames(ConnectorSession session) {
        return List.of(SCHEMA);
    }

    @Override
    public List<SchemaTableName> listTables(ConnectorSession session, Optional<String> schema) {
        if (schema.isPresent() && !schema.get().equals(SCHEMA)) {
            return List.of();
        }
        return tables.names(session).stream()
                .map(name -> new SchemaTableName(SCHEMA, name))
                .toList();
    }

    @Override
    public @Nullable ConnectorTableHandle getTableHandle(
            ConnectorSession session,
            SchemaTableName name,
            Optional<ConnectorTableVersion> startVersion,
            Optional<ConnectorTableVersion> endVersion) {
        if (!name.getSchemaName().equals(SCHEMA)) {
            return null;
        }
        boolean isPut = name.getTableName().endsWith(PUT);
        String table =
                isPut
                        ? name.getTableName()
                                .substring(0, name.getTableName().length() - PUT.length())
                        : name.getTableName();
        return tables.find(session, table)
                .map(description ->
                        new StreamTable(
                                SCHEMA,
                                name.getTableName(),
                                description.toJson(),
                                endVersion.map(StreamMetadata::ranges),
                                Bounds.ALL,
                                OptionalLong.empty(),
                                isPut))
                .orElse(null);
    }

    private static String ranges(ConnectorTableVersion version) {
        if (version.getPointerType() != PointerType.TARGET_ID
                || !(version.getVersion() instanceof Slice text)) {
            throw new TrinoException(
                    StandardErrorCode.NOT_SUPPORTED,
                    "A stream's table has versions like FOR VERSION AS OF '0:100-250;3:0-17'"
                            + " (shard:from-to); for a time write WHERE _arrival_time <= ...");
        }
        try {
            return ScanRanges.parse(text.toStringUtf8()).toString();
        } catch (IllegalArgumentException e) {
            throw new TrinoException(
                    StandardErrorCode.INVALID_ARGUMENTS, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public ConnectorTableMetadata getTableMetadata(
            ConnectorSession session, ConnectorTableHandle handle) {
        StreamTable table = (StreamTable) handle;
        return new ConnectorTableMetadata(
                new SchemaTableName(SCHEMA, table.table()), metadata(columns(table)));
    }

    @Override
    public Map<String, ColumnHandle> getColumnHandles(
            ConnectorSession session, ConnectorTableHandle handle) {
        Map<String, ColumnHandle> handles = new LinkedHashMap<>();
        for (StreamColumn column : columns((StreamTable) handle)) {
            handles.put(column.name(), column);
        }
        return handles;
    }

    @Override
    public ColumnMetadata getColumnMetadata(
            ConnectorSession session, ConnectorTableHandle table, ColumnHandle column) {
        return metadata((StreamColumn) column);
    }

    @Override
    public Iterator<RelationColumnsMetadata> streamRelationColumns(
            ConnectorSession session,
            Optional<String> schema,
            UnaryOperator<Set<SchemaTableName>> filter) {
        Set<SchemaTableName> names =
                listTables(session, schema).stream().collect(Collectors.toSet());
        List<RelationColumnsMetadata> found = new ArrayList<>();
        for (SchemaTableName name : filter.apply(names)) {
            tables.find(session, name.getTableName())
                    .ifPresent(table ->
                            found.add(
                                    RelationColumnsMetadata.forTable(
                                            name, metadata(columns(table)))));
        }
        return found.iterator();
    }

    @Override
    public Optional<ConstraintApplicationResult<ConnectorTableHandle>> applyFilter(
            ConnectorSession session, ConnectorTableHandle handle, Constraint constraint) {
        StreamTable table = (StreamTable) handle;
        Bounds bounds = table.bounds().and(constraint.getSummary());
        if (bounds.equals(table.bounds())) {
            return Optional.empty();
        }
        // Most conditions stay in the query, too: the scan only reads less for them. It takes over
        // those on the rowtime: the queries of all windows are alike then, and compiled once.
        return Optional.of(
                new ConstraintApplicationResult<>(
                        table.withBounds(bounds),
                        constraint
                                .getSummary()
                                .filter((column, domain) -> !Bounds.isEnforced(column, domain)),
                        constraint.getExpression(),
                        false));
    }

    @Override
    public Optional<LimitApplicationResult<ConnectorTableHandle>> applyLimit(
            ConnectorSession session, ConnectorTableHandle handle, long limit) {
        StreamTable table = (StreamTable) handle;
        if (table.limit().orElse(Long.MAX_VALUE) <= limit) {
            return Optional.empty();
        }
        return Optional.of(new LimitApplicationResult<>(table.withLimit(limit), false, false));
    }

    @Override
    public TableStatistics getTableStatistics(
            ConnectorSession session, ConnectorTableHandle handle) {
        StreamTable table = (StreamTable) handle;
        return table.isPut()
                ? TableStatistics.empty()
                : TableStatistics.builder().setRowCount(Estimate.of(splits.offsets(table))).build();
    }

    // --- INSERT

    @Override
    public Optional<ConnectorTableLayout> getInsertLayout(
            ConnectorSession session, ConnectorTableHandle handle) {
        return Optional.of(
                new ConnectorTableLayout(OneWriter.Partitioning.INSTANCE, List.of(), false));
    }

    @Override
    public ConnectorInsertTableHandle beginInsert(
            ConnectorSession session,
            ConnectorTableHandle handle,
            List<ColumnHandle> columns,
            RetryMode retryMode) {
        if (retryMode != RetryMode.NO_RETRIES) {
            throw new TrinoException(
                    StandardErrorCode.NOT_SUPPORTED,
                    "A stream takes no INSERT with retry-policy " + retryMode);
        }
        StreamTable table = (StreamTable) handle;
        TableDescription description = TableDescription.parse(table.description());
        if (description.format().type() == DataFormat.Type.AVRO) {
            throw new TrinoException(
                    StandardErrorCode.NOT_SUPPORTED, "Rows of AVRO cannot be inserted");
        }
        return new StreamInsert(
                table.description(), columns.stream().map(StreamColumn.class::cast).toList());
    }

    /** The writer has committed; it was the only one. */
    @Override
    public Optional<ConnectorOutputMetadata> finishInsert(
            ConnectorSession session,
            ConnectorInsertTableHandle insert,
            List<ConnectorTableHandle> sources,
            Collection<Slice> fragments,
            Collection<ComputedStatistics> statistics) {
        return Optional.empty();
    }

    private List<StreamColumn> columns(StreamTable table) {
        TableDescription description = TableDescription.parse(table.description());
        return table.isPut() ? putColumns(description) : columns(description);
    }

    /** What a put has: a row, or the bytes of one that nobody has described; and its keys. */
    private List<StreamColumn> putColumns(TableDescription table) {
        List<StreamColumn> columns = new ArrayList<>();
        table.columns()
                .forEach(column ->
                        columns.add(
                                new StreamColumn(column.name(), types.type(column.type()), false)));
        if (columns.isEmpty()) {
            columns.add(put(HiddenColumn.DATA.columnName(), HiddenColumn.DATA.type()));
        }
        columns.add(
                put(HiddenColumn.PARTITION_KEY.columnName(), HiddenColumn.PARTITION_KEY.type()));
        columns.add(put(RecordEncoder.EXPLICIT_HASH_KEY, "varchar"));
        return columns;
    }

    private StreamColumn put(String name, String type) {
        return new StreamColumn(name, types.type(type), false);
    }

    /** The declared columns, then those that every table has, which are hidden behind them. */
    private List<StreamColumn> columns(TableDescription table) {
        List<StreamColumn> columns = new ArrayList<>();
        table.columns()
                .forEach(column ->
                        columns.add(
                                new StreamColumn(column.name(), types.type(column.type()), false)));
        for (HiddenColumn column : HiddenColumn.values()) {
            columns.add(new StreamColumn(column.columnName(), types.type(column.type()), true));
        }
        return columns;
    }

    private static List<ColumnMetadata> metadata(List<StreamColumn> columns) {
        // A table whose records nobody has described shows what every record has.
        boolean bare = columns.stream().allMatch(StreamColumn::hidden);
        return columns.stream()
                .map(column ->
                        bare
                                ? metadata(new StreamColumn(column.name(), column.type(), false))
                                : metadata(column))
                .toList();
    }

    private static ColumnMetadata metadata(StreamColumn column) {
        return ColumnMetadata.builder()
                .setName(column.name())
                .setType(column.type())
                .setHidden(column.hidden())
                .build();
    }
}
