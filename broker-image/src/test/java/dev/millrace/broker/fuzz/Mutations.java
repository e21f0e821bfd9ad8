/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes something wrong of something right. All chance comes from the one source. */
final class Mutations {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Random random;

    Mutations(Random random) {
        this.random = random;
    }

    boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** Changes one to three things of a tree. */
    void change(ObjectNode root) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            ObjectNode object = anyObject(root);
            if (object.isEmpty() || oneIn(8)) {
                object.set(oneIn(2) ? text() : "StreamName", value(0));
                continue;
            }
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = any(names);
            switch (random.nextInt(6)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(any(names), object.get(name));
                case 2 -> object.set(name, ofText(object.get(name)));
                case 3 -> object.set(name, repeated(object.get(name)));
                default -> object.set(name, value(0));
            }
        }
    }

    private ObjectNode anyObject(ObjectNode root) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(root, objects);
        return any(objects);
    }

    private static void collect(JsonNode node, List<ObjectNode> objects) {
        if (node instanceof ObjectNode object) {
            objects.add(object);
        }
        node.forEach(child -> collect(child, objects));
    }

    private JsonNode ofText(JsonNode node) {
        return node.isTextual()
                ? NODES.textNode(new String(bytes(node.asText().getBytes(UTF_8)), UTF_8))
                : value(0);
    }

    private JsonNode repeated(JsonNode node) {
        ArrayNode array = NODES.arrayNode();
        for (int i = random.nextInt(4); i >= 0; i--) {
            array.add(node);
        }
        return array;
    }

    /**
     * Any value. Numbers that a shard count could be are small or refused, or the fuzz would
     * measure how long Kafka takes to make ten thousand partitions.
     */
    private JsonNode value(int depth) {
        return switch (random.nextInt(14)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt(6) - 2);
            case 3 -> NODES.numberNode(Integer.MAX_VALUE + (long) random.nextInt(3) - 1);
            case 4 -> NODES.numberNode(random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE);
            case 5 -> NODES.numberNode(BigInteger.ONE.shiftLeft(random.nextInt(400)).negate());
            case 6 -> NODES.numberNode(new BigDecimal("1.5e" + (random.nextInt(700) - 350)));
            case 7 -> NODES.numberNode(random.nextGaussian() * 1e9);
            case 8 -> NODES.textNode("");
            case 9 -> NODES.textNode(text());
            case 10 -> NODES.textNode("x".repeat(random.nextInt(5_000)));
            case 11 -> NODES.binaryNode(junk(random.nextInt(40)));
            case 12 -> depth > 20 ? NODES.nullNode() : NODES.arrayNode().add(value(depth + 1));
            default -> {
                ObjectNode object = NODES.objectNode();
                yield depth > 20 ? object : object.set(text(), value(depth + 1));
            }
        };
    }

    String text() {
        return switch (random.nextInt(8)) {
            case 0 -> "shardId-00000000000" + random.nextInt(10);
            case 1 -> "arn:aws:kinesis:us-east-1:000000000000:stream/fuzz-" + random.nextInt(3);
            case 2 -> Long.toString(random.nextLong());
            case 3 -> new BigInteger(random.nextInt(200) + 1, random).toString();
            case 4 -> "\u0000\ud83d\ude00\uffff";
            case 5 -> "../../%00%2e\r\nX-Injected: 1";
            case 6 -> "TRIM_HORIZON";
            default -> new String(junk(random.nextInt(30)), ISO_8859_1);
        };
    }

    byte[] junk(int length) {
        byte[] junk = new byte[length];
        random.nextBytes(junk);
        return junk;
    }

    /** Changes one to four things of some bytes. */
    byte[] bytes(byte[] good) {
        byte[] bytes = good;
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes = changed(bytes);
        }
        return bytes;
    }

    private byte[] changed(byte[] bytes) {
        if (bytes.length == 0) {
            return junk(random.nextInt(20));
        }
        int from = random.nextInt(bytes.length);
        int to = from + random.nextInt(Math.min(64, bytes.length - from) + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 64);
        out.write(bytes, 0, from);
        switch (random.nextInt(6)) {
            case 0 -> {
                byte[] flipped = Arrays.copyOfRange(bytes, from, bytes.length);
                flipped[0] ^= (byte) (1 << random.nextInt(8));
                out.writeBytes(flipped);
            }
            case 1 -> out.write(bytes, to, bytes.length - to);
            case 2 -> {
                out.write(bytes, from, to - from);
                out.write(bytes, from, bytes.length - from);
            }
            case 3 -> {
                out.writeBytes(junk(random.nextInt(16)));
                out.write(bytes, from, bytes.length - from);
            }
            case 4 -> {
                out.writeBytes(any(SPECIAL).getBytes(ISO_8859_1));
                out.write(bytes, to, bytes.length - to);
            }
            default -> {
                // Cut off.
            }
        }
        return out.toByteArray();
    }

    private static final List<String> SPECIAL =
            List.of(
                    "\r\n",
                    "\r\n\r\n",
                    "\n",
                    "\0",
                    ": ",
                    "Transfer-Encoding: chunked\r\n",
                    "Content-Length: 99999999999999999999\r\n",
                    "Content-Length: -1\r\n",
                    "Content-Length: 5\r\n",
                    "Expect: 100-continue\r\n",
                    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
                    "FFFFFFFFFFFFFFFFF\r\n",
                    "0\r\n\r\n",
                    "\u00ff\u00fe",
                    "}",
                    "\"",
                    "HTTP/9.9",
                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}
