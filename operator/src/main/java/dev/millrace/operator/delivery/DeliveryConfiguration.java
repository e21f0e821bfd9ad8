/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.crds.delivery.DeliveryStreamSpec;
import dev.millrace.crds.delivery.DeliveryStreamSpec.SourceType;
import dev.millrace.crds.delivery.DeliveryStreamStatus;
import dev.millrace.shard.StreamName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the workers are told, as they read it. The same spec gives the same text, whatever the order
 * of maps in memory: another text is another version, and restarts the workers.
 *
 * @param hash of all but the version
 * @param version counts the texts of one resource
 * @param isNew whether status does not have this version yet
 */
record DeliveryConfiguration(String json, String hash, String version, boolean isNew) {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .build();

    /** Who delivers a buffer is one and the same whichever resource stands for it. */
    private static final String DIRECT = "direct";

    private static final List<String> BUCKETS =
            List.of("/destination/s3", "/destination/redshift/s3", "/backup/s3");
    private static final int HASH_BYTES = 16;

    /**
     * @param secrets what the Secrets that spec refers to hold, by name and key
     */
    static DeliveryConfiguration of(
            DeliveryStream stream, StreamName source, Map<String, Map<String, String>> secrets) {
        ObjectNode root = JSON.createObjectNode();
        boolean direct = stream.getSpec().source().type() == SourceType.DirectPut;
        root.put("name", stream.deliveryStreamName());
        root.put("uid", direct ? DIRECT : stream.getMetadata().getUid());
        root.put("createdAt", stream.getMetadata().getCreationTimestamp());
        root.put("sourceStream", source.value());
        ObjectNode spec = spec(stream.getSpec(), direct);
        for (String bucket : BUCKETS) {
            if (spec.at(bucket) instanceof ObjectNode s3) {
                complete(s3, secrets);
            }
        }
        root.set("spec", spec);
        String hash = sha256(text(root));
        Optional<DeliveryStreamStatus> status = Optional.ofNullable(stream.getStatus());
        long before =
                status.flatMap(s -> Optional.ofNullable(s.versionId()))
                        .map(Long::parseLong)
                        .orElse(0L);
        boolean same = before > 0 && status.map(s -> hash.equals(s.configHash())).orElse(false);
        String version = Long.toString(same ? before : before + 1);
        root.put("versionId", version);
        return new DeliveryConfiguration(text(root), hash, version, !same);
    }

    /**
     * A Secret may say where its keys are good for. That is how a delivery stream that was made
     * through the API, which knows roles and no endpoints, finds its store.
     */
    private static void complete(ObjectNode s3, Map<String, Map<String, String>> secrets) {
        Map<String, String> secret =
                secrets.getOrDefault(
                        s3.path("credentialsSecretRef").path("name").asText(), Map.of());
        for (String field : List.of("endpoint", "region")) {
            String said = secret.get(field);
            if (said != null && !s3.has(field)) {
                s3.put(
                        field,
                        new String(Base64.getDecoder().decode(said), StandardCharsets.UTF_8)
                                .strip());
            }
        }
    }

    private static ObjectNode spec(DeliveryStreamSpec wanted, boolean direct) {
        ObjectNode spec = JSON.createObjectNode();
        spec.set("source", JSON.valueToTree(wanted.source()));
        if (direct) {
            // Nothing was put before the stream was made for it.
            ((ObjectNode) spec.get("source")).put("startingPosition", "TRIM_HORIZON");
        }
        spec.set("destination", JSON.valueToTree(wanted.destination()));
        set(spec, "processing", wanted.processing());
        set(spec, "backup", wanted.backup());
        set(spec, "retry", wanted.retry());
        return spec;
    }

    private static void set(
            ObjectNode spec, String name, @org.jspecify.annotations.Nullable Object value) {
        if (value != null) {
            spec.set(name, JSON.valueToTree(value));
        }
    }

    private static String text(ObjectNode node) {
        try {
            // By way of a plain map: a tree is written in the order in which it was made.
            return JSON.writeValueAsString(JSON.treeToValue(node, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can be written", e);
        }
    }

    static String sha256(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
