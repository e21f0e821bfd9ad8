/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.delivery.settings.DeliverySettings;
import dev.millrace.delivery.settings.SettingsReader;
import dev.millrace.shard.DeliveryStreamName;
import dev.millrace.shard.StreamName;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the operator writes, read by the workers' own reader. */
class DeliveryConfigurationTest {

    private static final String WHOLE =
            """
            source: {type: Stream, streamRef: {name: orders}, startingPosition: TRIM_HORIZON}
            destination:
              s3:
                bucket: lake
                endpoint: http://s3:9000
                region: eu-central-1
                credentialsSecretRef: {name: keys}
                prefix: 'c=!{partitionKeyFromQuery:customer}/'
                errorOutputPrefix: 'errors/!{firehose:error-output-type}/'
                customTimeZone: Europe/Berlin
                compression: HADOOP_SNAPPY
                fileExtension: .json
                buffering: {sizeMiB: 64, intervalSeconds: 60}
            processing:
              processors:
              - {type: RecordDeAggregation, subRecordType: DELIMITED, delimiter: Cg==}
              - {type: Decompression}
              - {type: CloudWatchLogProcessing, dataMessageExtraction: true}
              - {type: HttpFunction, url: 'http://f/', numberOfRetries: 1, timeoutSeconds: 5, tokenSecretRef: {name: token}}
              - {type: MetadataExtraction, query: '{customer: .customer}'}
              - {type: Jq, query: .}
              - {type: Filter, query: .ok}
              - {type: DropFields, fields: [a]}
              - {type: RenameFields, names: {b: c, a: b}}
              - {type: ParseCsv, columns: [a, b]}
              - {type: ParseRegex, pattern: '(?<a>.*)'}
              - {type: ParseKeyValue, pairDelimiter: ',', keyDelimiter: ':'}
              - {type: AppendDelimiterToRecord}
            backup:
              mode: AllData
              s3: {bucket: raw, credentialsSecretRef: {name: keys}, buffering: {intervalSeconds: 60}}
            """;

    @Test
    void theWorkersReadEveryFieldOfS3AndOfTheProcessors(@TempDir Path secrets) throws Exception {
        Files.createDirectories(secrets.resolve("token"));
        Files.writeString(secrets.resolve("token/token"), "t");
        String json =
                DeliveryConfiguration.of(Streams.stream(WHOLE), new StreamName("orders"), Map.of())
                        .json();

        DeliverySettings read = new SettingsReader(secrets).read(json);

        assertThat(read.name()).isEqualTo("lake");
        assertThat(read.id()).isEqualTo("lake.7d444840-9dc0-11d1-b245-5ffdce74fad2");
        assertThat(read.version()).isEqualTo("1");
        assertThat(read.source()).isEqualTo(new StreamName("orders"));
        assertThat(read.start()).isEmpty();
        assertThat(read.separator()).isEqualTo("\n");
        assertThat(json).contains("\"mode\":\"AllData\"");
    }

    @Test
    void latestIsSinceTheResourceIsThere(@TempDir Path secrets) {
        DeliveryStream stream =
                Streams.stream(
                        "{source: {type: Stream, streamRef: {name: orders}}, destination: {s3: {bucket: lake}}}");

        assertThat(read(stream, new StreamName("Orders.v1"), secrets).start())
                .contains(Instant.parse("2026-11-01T10:00:00Z"));
        assertThat(read(stream, new StreamName("Orders.v1"), secrets).source())
                .isEqualTo(new StreamName("Orders.v1"));
    }

    /** One that was kept when its resource went is taken up where it was. */
    @Test
    void whatIsPutDirectlyIsDeliveredFromItsBeginningWhicheverResourceStandsForIt(
            @TempDir Path secrets) {
        DeliveryStream stream = Streams.stream("{destination: {s3: {bucket: lake}}}");
        StreamName buffer = new DeliveryStreamName("lake").buffer();

        DeliverySettings read = read(stream, buffer, secrets);

        assertThat(read.start()).isEmpty();
        assertThat(read.id()).isEqualTo("lake.direct");
        assertThat(read.source().value()).isEqualTo("firehose.lake");
    }

    @Test
    void theSameSpecIsTheSameVersionWhateverTheOrderOfItsFields() {
        DeliveryStream one = Streams.stream(WHOLE);
        DeliveryStream other = Streams.stream(WHOLE.replace("{b: c, a: b}", "{a: b, b: c}"));
        StreamName source = new StreamName("orders");

        assertThat(DeliveryConfiguration.of(other, source, Map.of()))
                .isEqualTo(DeliveryConfiguration.of(one, source, Map.of()));
    }

    @Test
    void whatIsNotTheWorkersChangesNoVersion() {
        StreamName source = new StreamName("orders");
        DeliveryStream more =
                Streams.stream(WHOLE + "replicas: 7\ntags: {a: b}\nstate: Suspended\n");

        assertThat(DeliveryConfiguration.of(more, source, Map.of()))
                .isEqualTo(DeliveryConfiguration.of(Streams.stream(WHOLE), source, Map.of()));
    }

    @Test
    void anotherConfigurationIsTheNextVersion() {
        StreamName source = new StreamName("orders");
        DeliveryStream stream = Streams.stream(WHOLE);
        String hash = DeliveryConfiguration.of(stream, source, Map.of()).hash();
        stream.setStatus(
                Serialization.unmarshal(
                        "{\"versionId\": \"41\", \"configHash\": \"%s\"}".formatted(hash),
                        dev.millrace.crds.delivery.DeliveryStreamStatus.class));
        assertThat(DeliveryConfiguration.of(stream, source, Map.of()).version()).isEqualTo("41");
        assertThat(DeliveryConfiguration.of(stream, source, Map.of()).isNew()).isFalse();

        DeliveryStream changed = Streams.stream(WHOLE.replace("sizeMiB: 64", "sizeMiB: 65"));
        changed.setStatus(stream.getStatus());
        assertThat(DeliveryConfiguration.of(changed, source, Map.of()).version()).isEqualTo("42");
        assertThat(DeliveryConfiguration.of(changed, source, Map.of()).json())
                .contains("\"versionId\":\"42\"");
    }

    @Test
    void aSecretMaySayWhereItsKeysAreGoodFor() {
        DeliveryStream stream =
                Streams.stream(
                        "{destination: {s3: {bucket: lake, credentialsSecretRef: {name: keys}}}}");
        Map<String, Map<String, String>> secrets =
                Map.of("keys", Map.of("endpoint", "aHR0cDovL3MzOjkwMDA="));
        StreamName source = new StreamName("orders");

        assertThat(DeliveryConfiguration.of(stream, source, secrets).json())
                .contains("\"endpoint\":\"http://s3:9000\"");
        DeliveryStream own =
                Streams.stream(
                        "{destination: {s3: {bucket: lake, endpoint: 'http://own', credentialsSecretRef: {name: keys}}}}");
        assertThat(DeliveryConfiguration.of(own, source, secrets).json())
                .contains("\"endpoint\":\"http://own\"");
    }

    @Test
    void everySecretThatIsReferredToIsNeeded() {
        DeliveryStream stream =
                Streams.stream(
                        """
                        destination:
                          opensearch:
                            endpoint: https://os
                            indexName: logs
                            credentialsSecretRef: {name: os}
                            caSecretRef: {name: ca}
                        processing:
                          processors: [{type: HttpFunction, url: 'http://f', tokenSecretRef: {name: token}}]
                        backup: {mode: AllData, s3: {bucket: raw, credentialsSecretRef: {name: keys}}}
                        """);
        List<NeededSecret> needed = NeededSecret.of(stream.getSpec());

        assertThat(needed)
                .extracting(NeededSecret::name)
                .containsExactly("os", "ca", "token", "keys");
        assertThat(needed.getFirst().complaint(null))
                .hasValueSatisfying(message ->
                        assertThat(message)
                                .contains("Secret os")
                                .contains("username and password, or apiKey"));
    }

    private static DeliverySettings read(DeliveryStream stream, StreamName source, Path secrets) {
        return new SettingsReader(secrets)
                .read(DeliveryConfiguration.of(stream, source, Map.of()).json());
    }
}
