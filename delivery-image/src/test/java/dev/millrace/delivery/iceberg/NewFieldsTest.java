/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.delivery.columns.ColumnType;
import dev.millrace.delivery.columns.ColumnType.Column;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a table must get so that records fit into it. */
class NewFieldsTest {

    private static final List<Column> TABLE =
            List.of(
                    new Column("id", ColumnType.parse("int")),
                    new Column("who", ColumnType.parse("struct<name:string,at:struct<x:int>>")));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'id':1,'who':{'name':'a','at':{'x':1}}} | ",
                "{'ID':1,'Who':{'NAME':'a'}} | ",
                "{'id':3000000000} | id BIGINT",
                "{'id':1.5} | ",
                "{'a':1} | a BIGINT",
                "{'a':1}{'a':1.5} | a DOUBLE",
                "{'a':1}{'a':'x'} | a STRING",
                "{'a':true}{'a':1} | a STRING",
                "{'a':99999999999999999999} | a STRING",
                "{'a':null,'b':[],'c':{},'':1} | ",
                "{'a':[null,1]} | a ListOf[element=BIGINT]",
                "{'a':[1]}{'a':[2.5]} | a ListOf[element=DOUBLE]",
                "{'a':{'b':1}}{'a':{'c':true}} | a Struct[fields=[Column[name=b, type=BIGINT], Column[name=c, type=BOOLEAN]]]",
                "{'a':{'b':1}}{'a':7} | a STRING",
                "{'who':{'age':1}} | who Struct[fields=[Column[name=age, type=BIGINT]]]",
                "{'who':{'at':{'x':3000000000,'y':1}}} | who Struct[fields=[Column[name=at, type=Struct[fields=[Column[name=x, type=BIGINT], Column[name=y, type=BIGINT]]]]]]",
                "no json | ",
                "[1] | ",
            })
    void findsWhatIsNewOrTooLarge(String records, String expected) {
        NewFields fields = new NewFields(TABLE, 100);
        fields.see(records.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        assertThat(
                        fields.found().stream()
                                .map(column -> column.name() + " " + column.type())
                                .collect(Collectors.joining(", ")))
                .isEqualTo(expected == null ? "" : expected);
    }

    @Test
    void keysThatAreDataDoNotBecomeColumnsWithoutEnd() {
        NewFields fields = new NewFields(TABLE, 10);
        String many =
                IntStream.range(0, 1_000)
                        .mapToObj(i -> "\"k%d\":1".formatted(i))
                        .collect(Collectors.joining(",", "{", "}"));
        fields.see(many.getBytes(StandardCharsets.UTF_8));
        fields.see(("{\"inside\":" + many + "}").getBytes(StandardCharsets.UTF_8));
        // The table has five, with those inside.
        assertThat(fields.found()).hasSize(5);
    }
}
