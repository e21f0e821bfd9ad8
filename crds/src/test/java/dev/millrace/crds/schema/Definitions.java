/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.delivery.DeliveryStream;
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
import java.util.Set;

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

    /** What Kubernetes itself takes for a quantity. */
    private static final String QUANTITY =
            "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

    private static final Set<String> INT64 =
            Set.of(
                    "observedGeneration",
                    "tolerationSeconds",
                    "lagRecords",
                    "millisBehindLatest",
                    "deliveredRecords",
                    "failedRecords",
                    "expiredRecords",
                    "rowsIn",
                    "rowsOut",
                    "lateRows",
                    "malformedRows");

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
                                    wideNumber("Retention", ".spec.retentionPeriodHours"),
                                    wideText("Disk", ".status.storage.used"),
                                    wideText("Needed", ".status.storage.needed"),
                                    wideText("Pool", ".spec.pool"),
                                    wideText("Reason", condition("Ready", "reason")),
                                    age())),
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
                                    text("Disk", ".status.diskUsed"),
                                    text("Ready", condition("Ready", "status")),
                                    wideText("Endpoint", ".status.endpoint"),
                                    wideText("Reason", condition("Ready", "reason")),
                                    age())),
                    new Kind(
                            DeliveryStream.class,
                            ".spec.replicas",
                            ".status.replicas",
                            List.of(
                                    text("From", ".status.from"),
                                    text("To", ".status.to"),
                                    number("Workers", ".status.readyReplicas"),
                                    text("Freshness", ".status.freshness"),
                                    text("Status", ".status.deliveryStreamStatus"),
                                    text("Ready", condition("Ready", "status")),
                                    wideText("Pool", ".spec.pool"),
                                    wideText("Version", ".status.versionId"),
                                    wideText("Reason", condition("Ready", "reason")),
                                    age())),
                    new Kind(
                            AnalyticsApplication.class,
                            "",
                            "",
                            List.of(
                                    text("State", ".status.applicationStatus"),
                                    text("Version", ".status.versionId"),
                                    text("Behind", ".status.behind"),
                                    number("Rows-Out", ".status.rowsOut"),
                                    text("Code", condition("CodeValid", "status")),
                                    text("Ready", condition("Ready", "status")),
                                    wideText("Reason", condition("Ready", "reason")),
                                    age())));

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
                    "# Generated from the records in crds/: mvn -pl crds -am test -Dcrds.update=true -Dtest=DefinitionsTest -Dsurefire.failIfNoSpecifiedTests=false\n"
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
        if (!kind.scaled().isEmpty()) {
            subresources
                    .putObject("scale")
                    .put("specReplicasPath", kind.scaled())
                    .put("statusReplicasPath", kind.scaledStatus())
                    .put("labelSelectorPath", ".status.selector");
        }
        ObjectNode root = (ObjectNode) version.at("/schema/openAPIV3Schema");
        ObjectNode spec = (ObjectNode) root.at("/properties/spec");
        spec.put("description", "What it shall be.");
        ObjectNode status = (ObjectNode) root.at("/properties/status");
        // kstatus takes a resource without a status as ready.
        status.putObject("default").put("observedGeneration", -1);
        status.put("description", "How it is, written by the operator.");
        ObjectNode conditions = (ObjectNode) status.at("/properties/conditions");
        conditions.put("x-kubernetes-list-type", "map");
        conditions.putArray("x-kubernetes-list-map-keys").add("type");
        conditions.put("maxItems", 20);
        boundTags(root.at("/properties/spec/properties/tags"));
        boundConfig(root.at("/properties/spec/properties/kafka/properties/config"));
        keyed(root.at("/properties/spec/properties/accessKeys"), "secretName");
        boundDelivery(root.at("/properties/spec/properties"));
        ObjectNode defaults = defaults(spec);
        if (spec.has("required")) {
            root.putArray("required").add("spec");
        } else {
            // A resource with no spec at all is the smallest one; the scale subresource needs its
            // count.
            spec.set("default", defaults);
        }
        refine("", root);
    }

    /**
     * Completely, down to the last field: rules are evaluated on a default before the defaults
     * inside of it apply.
     */
    private static ObjectNode defaults(ObjectNode schema) {
        ObjectNode all = schema.objectNode();
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            ObjectNode field = (ObjectNode) property.getValue();
            if (field.path("properties").isObject()) {
                ObjectNode inside = defaults(field);
                if (!inside.isEmpty()) {
                    field.set("default", inside);
                }
            }
            if (field.has("default")) {
                all.set(property.getKey(), field.get("default"));
            }
        }
        return all;
    }

    /** Says what the generator leaves out of numbers, times and quantities. */
    private static void refine(String name, JsonNode node) {
        if (node instanceof ObjectNode schema) {
            if (schema.path("type").asText().equals("integer") && !schema.has("format")) {
                schema.put("format", INT64.contains(name) ? "int64" : "int32");
            }
            if (name.endsWith("At") || name.endsWith("Time") || name.endsWith("Timestamp")) {
                schema.put("format", "date-time");
            }
            if (schema.path("x-kubernetes-int-or-string").booleanValue()) {
                schema.put("pattern", QUANTITY);
            }
            // As the API server writes them: GitOps tools take 1.0 for a change of 1.
            for (String bound : List.of("minimum", "maximum")) {
                if (schema.path(bound).isNumber()) {
                    schema.put(bound, schema.get(bound).longValue());
                }
            }
            schema.path("properties").properties().forEach(p -> refine(p.getKey(), p.getValue()));
            refine(name, schema.path("items"));
            refine(name, schema.path("additionalProperties"));
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

    private static void boundDelivery(JsonNode spec) {
        bound(spec.at("/processing/properties/processors/items/properties/names"));
        bound(spec.at("/destination/properties/httpEndpoint/properties/commonAttributes"));
        for (String bucket :
                List.of(
                        "/destination/properties/s3",
                        "/destination/properties/redshift/properties/s3",
                        "/backup/properties/s3")) {
            JsonNode conversion = spec.at(bucket + "/properties/dataFormatConversion/properties");
            keyed(conversion.path("columns"), "name");
            bound(conversion.path("columnToJsonKeyMappings"));
        }
    }

    private static void bound(JsonNode map) {
        if (map instanceof ObjectNode node) {
            node.put("maxProperties", 50);
            ((ObjectNode) node.get("additionalProperties")).put("maxLength", 1_024);
        }
    }

    private static void keyed(JsonNode list, String key) {
        if (list instanceof ObjectNode node) {
            node.put("x-kubernetes-list-type", "map");
            node.putArray("x-kubernetes-list-map-keys").add(key);
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
