/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.millrace.crds.pool.BrokerPool;
import dev.millrace.crds.stream.Stream;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The definitions as they are applied to a cluster: what the generator makes of the records, and
 * what it has no annotations for (the order of columns, list types, the status before the first
 * reconcile).
 */
final class Definitions {

    private static final ObjectMapper YAML =
            new ObjectMapper(
                    new YAMLFactory()
                            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                            .disable(YAMLGenerator.Feature.SPLIT_LINES));

    private record Column(String name, String type, String path, boolean wide) {}

    private record Kind(
            Class<? extends CustomResource<?, ?>> type,
            String scaled,
            String scaledStatus,
            List<Column> columns) {}

    private static final List<Kind> KINDS =
            List.of(
                    new Kind(
                            Stream.class,
                            ".spec.shardCount",
                            ".status.openShardCount",
                            List.of(
                                    text("Mode", ".spec.mode"),
                                    number("Desired", ".spec.shardCount"),
                                    number("Open", ".status.openShardCount"),
                                    text("Reshard", ".status.reshard.progress"),
                                    text("Status", ".status.streamStatus"),
                                    text("Ready", condition("Ready", "status")),
                                    age(),
                                    wideNumber("Retention", ".spec.retentionPeriodHours"),
                                    wideText("Pool", ".spec.pool"),
                                    wideText("Reason", condition("Ready", "reason")))),
                    new Kind(
                            BrokerPool.class,
                            ".spec.replicas",
                            ".status.replicas",
                            List.of(
                                    number("Brokers", ".spec.replicas"),
                                    number("Ready-Brokers", ".status.readyReplicas"),
                                    number("Streams", ".status.streams"),
                                    number("Shards", ".status.openShards"),
                                    text("Storage", ".spec.storage.size"),
                                    text("Ready", condition("Ready", "status")),
                                    age(),
                                    wideText("Endpoint", ".status.endpoint"),
                                    wideText("Reason", condition("Ready", "reason")))));

    private Definitions() {}

    /** File name to content. */
    static Map<String, String> generate(Path scratch) throws IOException {
        Map<String, String> definitions = new LinkedHashMap<>();
        for (Kind kind : KINDS) {
            new CRDGenerator()
                    .customResourceClasses(kind.type())
                    .forCRDVersions("v1")
                    .inOutputDir(scratch.toFile())
                    .detailedGenerate();
            String name = CustomResource.getCRDName(kind.type());
            Path generated = scratch.resolve(name + "-v1.yml");
            ObjectNode definition = (ObjectNode) YAML.readTree(Files.readString(generated));
            complete(definition, kind);
            definitions.put(
                    name + ".yaml",
                    "# Generated from the records in crds/: mvn -pl crds -am test -Dcrds.update=true\n"
                            + YAML.writeValueAsString(definition));
        }
        return definitions;
    }

    private static void complete(ObjectNode definition, Kind kind) {
        ((ObjectNode) definition.at("/spec/names")).putArray("categories").add("millrace");
        ObjectNode version = (ObjectNode) definition.at("/spec/versions/0");
        ArrayNode columns = version.putArray("additionalPrinterColumns");
        for (Column column : kind.columns()) {
            ObjectNode node =
                    columns.addObject().put("name", column.name()).put("type", column.type());
            node.put("jsonPath", column.path());
            if (column.wide()) {
                node.put("priority", 1);
            }
        }
        ObjectNode subresources = version.putObject("subresources");
        subresources.putObject("status");
        subresources
                .putObject("scale")
                .put("specReplicasPath", kind.scaled())
                .put("statusReplicasPath", kind.scaledStatus())
                .put("labelSelectorPath", ".status.selector");
        ObjectNode root = (ObjectNode) version.at("/schema/openAPIV3Schema");
        root.putArray("required").add("spec");
        ObjectNode status = (ObjectNode) root.at("/properties/status");
        // kstatus takes a resource without a status as ready.
        status.putObject("default").put("observedGeneration", -1);
        ((ObjectNode) status.at("/properties/observedGeneration")).put("format", "int64");
        ObjectNode conditions = (ObjectNode) status.at("/properties/conditions");
        conditions.put("x-kubernetes-list-type", "map");
        conditions.putArray("x-kubernetes-list-map-keys").add("type");
        conditions.put("maxItems", 20);
        boundTags(root.at("/properties/spec/properties/tags"));
        boundConfig(root.at("/properties/spec/properties/kafka/properties/config"));
        keyed(root.at("/properties/spec/properties/accessKeys"), "secretName");
        defaultObject(root.at("/properties/spec/properties/gateway/properties/service"));
        // Not an empty object: the rules of a default are evaluated before its own fields' defaults
        // are.
        if (root.at("/properties/spec/properties/storage") instanceof ObjectNode storage) {
            storage.putObject("default").put("size", "10Gi").put("deleteClaim", false);
        }
    }

    private static void boundTags(JsonNode tags) {
        if (tags instanceof ObjectNode node) {
            node.put("maxProperties", 50);
            ((ObjectNode) node.get("additionalProperties")).put("maxLength", 256);
        }
    }

    private static void boundConfig(JsonNode config) {
        if (config instanceof ObjectNode node) {
            node.put("maxProperties", 100);
            ((ObjectNode) node.get("additionalProperties")).put("maxLength", 1_024);
        }
    }

    private static void keyed(JsonNode list, String key) {
        if (list instanceof ObjectNode node) {
            node.put("x-kubernetes-list-type", "map");
            node.putArray("x-kubernetes-list-map-keys").add(key);
        }
    }

    private static void defaultObject(JsonNode object) {
        if (object instanceof ObjectNode node) {
            node.putObject("default");
        }
    }

    private static String condition(String type, String field) {
        return ".status.conditions[?(@.type==\"%s\")].%s".formatted(type, field);
    }

    private static Column text(String name, String path) {
        return new Column(name, "string", path, false);
    }

    private static Column number(String name, String path) {
        return new Column(name, "integer", path, false);
    }

    private static Column wideText(String name, String path) {
        return new Column(name, "string", path, true);
    }

    private static Column wideNumber(String name, String path) {
        return new Column(name, "integer", path, true);
    }

    private static Column age() {
        return new Column("Age", "date", ".metadata.creationTimestamp", false);
    }
}
