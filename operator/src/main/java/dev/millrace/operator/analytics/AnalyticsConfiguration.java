/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.crds.analytics.AnalyticsApplication;
import dev.millrace.crds.analytics.AnalyticsApplicationStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What the runner reads.
 *
 * @param hash of all that makes another version; the last SQL that was right does not
 * @param version from 1 on
 */
record AnalyticsConfiguration(String json, String hash, String version, boolean isNew) {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .build();
    private static final int HASH_BYTES = 16;

    /**
     * @param sql the SQL, from spec or its ConfigMap
     */
    static AnalyticsConfiguration of(
            AnalyticsApplication application, String sql, AnalyticsStreams.Result.Known streams) {
        ObjectNode root = JSON.createObjectNode();
        root.put("name", application.getMetadata().getName());
        root.put("uid", application.getMetadata().getUid());
        root.put("code", sql);
        ObjectNode spec = JSON.valueToTree(application.getSpec());
        for (String notForTheRunner :
                new String[] {
                    "sql",
                    "sqlConfigMapRef",
                    "state",
                    "engine",
                    "restartNonce",
                    "template",
                    "image",
                    "catalogs"
                }) {
            spec.remove(notForTheRunner);
        }
        adopt(application, spec.path("inputs"));
        named(spec.path("inputs"), streams.inputs());
        named(spec.path("outputs"), streams.outputs());
        root.set("spec", spec);
        String hash = sha256(text(root));
        Optional<AnalyticsApplicationStatus> status = Optional.ofNullable(application.getStatus());
        long before =
                status.map(AnalyticsApplicationStatus::versionId).map(Long::parseLong).orElse(0L);
        boolean same =
                before > 0
                        && status.map(AnalyticsApplicationStatus::configHash)
                                .filter(hash::equals)
                                .isPresent();
        String version = Long.toString(same ? before : before + 1);
        root.put("versionId", version);
        status.map(AnalyticsApplicationStatus::lastValidSql)
                .filter(last -> !last.equals(sql))
                .ifPresent(last -> root.put("fallbackCode", last));
        return new AnalyticsConfiguration(text(root), hash, version, !same);
    }

    /** Columns that were guessed are taken where that is wanted: as they were guessed first. */
    private static void adopt(AnalyticsApplication application, JsonNode inputs) {
        if (application.getStatus() == null) {
            return;
        }
        for (AnalyticsApplicationStatus.ProposedSchema proposed :
                application.getStatus().proposedSchemas()) {
            for (JsonNode input : inputs) {
                if (input.path("name").asText().equals(proposed.input())
                        && input.path("columnDiscovery").asText().equals("Adopt")
                        && input.path("columns").isEmpty()) {
                    ((ObjectNode) input).set("columns", JSON.valueToTree(proposed.columns()));
                    ((ObjectNode) input).set("format", JSON.valueToTree(proposed.format()));
                }
            }
        }
    }

    private static void named(JsonNode list, Map<String, String> streams) {
        for (JsonNode one : list) {
            String stream = streams.get(one.path("name").asText());
            if (stream != null) {
                ((ObjectNode) one).put("stream", stream);
            }
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
