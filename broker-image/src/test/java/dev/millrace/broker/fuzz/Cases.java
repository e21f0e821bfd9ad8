/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.fuzz.Requests.Template;
import dev.millrace.broker.fuzz.Signer.Signed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/** Makes the bytes of one case from its seed. */
final class Cases {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CBORMapper CBOR = new CBORMapper();
    private static final String JSON_TYPE = "application/x-amz-json-1.1";
    private static final String CBOR_TYPE = "application/x-amz-cbor-1.1";

    private final int port;
    private final Signer client;
    private final Signer operator;
    private final Supplier<String> iterator;
    private final String consumerArn;

    /** How the bytes of a case are sent. */
    enum Kind {
        /** A whole request of HTTP/1.1, which has an answer. */
        REQUEST,
        /** Bytes that resemble some. */
        RAW,
        HTTP2
    }

    record Case(Kind kind, byte[] bytes, boolean finish) {}

    Cases(
            int port,
            AccessKey client,
            AccessKey operator,
            Supplier<String> iterator,
            String consumerArn) {
        this.port = port;
        this.client = new Signer(port, client);
        this.operator = new Signer(port, operator);
        this.iterator = iterator;
        this.consumerArn = consumerArn;
    }

    Case of(long seed) throws IOException {
        Random random = new Random(seed);
        Mutations mutations = new Mutations(random);
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3, 4, 5 ->
                    new Case(Kind.REQUEST, http1(request(mutations), random, false), false);
            case 6, 7 ->
                    new Case(
                            Kind.RAW,
                            mutations.bytes(http1(request(mutations), random, true)),
                            random.nextBoolean());
            default -> new Case(Kind.HTTP2, http2(mutations, random), random.nextBoolean());
        };
    }

    private record Request(Signed signed, byte[] body) {}

    private Request request(Mutations mutations) throws IOException {
        return request(mutations.any(Requests.all()), mutations);
    }

    private Request request(Template template, Mutations mutations) throws IOException {
        boolean cbor = mutations.oneIn(3);
        ObjectNode tree =
                (ObjectNode)
                        JSON.readTree(
                                template.body()
                                        .replace("ITERATOR", iterator.get())
                                        .replace("CONSUMER_ARN", consumerArn));
        if (!mutations.oneIn(8)) {
            mutations.change(tree);
        }
        byte[] body = cbor ? CBOR.writeValueAsBytes(tree) : JSON.writeValueAsBytes(tree);
        if (mutations.oneIn(5)) {
            body = mutations.bytes(body);
        }
        boolean gzip = mutations.oneIn(12);
        if (gzip) {
            body = gzip(body);
            body = mutations.oneIn(2) ? mutations.bytes(body) : body;
        }
        Signer signer = template.target().startsWith("Millrace") ? operator : client;
        Signed signed =
                signer.sign(
                        mutations.oneIn(40) ? mutations.text() : template.target(),
                        cbor ? CBOR_TYPE : JSON_TYPE,
                        body,
                        mutations.oneIn(10));
        Map<String, String> headers = new TreeMap<>(signed.headers());
        if (gzip) {
            headers.put("Content-Encoding", "gzip");
        }
        String path = signed.path();
        if (mutations.oneIn(6)) {
            breakOne(headers, mutations);
        }
        if (mutations.oneIn(12)) {
            path = clean(new String(mutations.bytes(path.getBytes(ISO_8859_1)), ISO_8859_1), true);
        }
        return new Request(new Signed(path, headers), body);
    }

    private static void breakOne(Map<String, String> headers, Mutations mutations) {
        String name =
                mutations.any(
                        List.of(
                                "Authorization",
                                "X-Amz-Date",
                                "X-Amz-Target",
                                "Content-Type",
                                "Content-Encoding",
                                "x-amz-content-sha256",
                                "X-Amz-Security-Token",
                                "Host",
                                "Expect",
                                "Accept-Encoding"));
        String good = headers.getOrDefault(name, "gzip");
        String broken = new String(mutations.bytes(good.getBytes(ISO_8859_1)), ISO_8859_1);
        if (mutations.oneIn(4)) {
            headers.remove(name);
        } else {
            headers.put(name, clean(broken, false));
        }
    }

    /** Keeps a value within its line: what breaks lines is for the raw bytes. */
    private static String clean(String text, boolean path) {
        String cleaned = text.replaceAll(path ? "[\\p{Cntrl} ]" : "[\\r\\n\\x00]", "_");
        return path && !cleaned.startsWith("/") ? "/" + cleaned : cleaned;
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        }
        return out.toByteArray();
    }

    private byte[] http1(Request request, Random random, boolean close) {
        StringBuilder head = new StringBuilder(512);
        head.append("POST ").append(request.signed().path()).append(" HTTP/1.1\r\n");
        request.signed()
                .headers()
                .forEach((name, value) -> {
                    if (!name.equalsIgnoreCase("Content-Length")) {
                        head.append(name).append(": ").append(value).append("\r\n");
                    }
                });
        if (close) {
            head.append("Connection: close\r\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] body = request.body();
        if (random.nextInt(4) == 0) {
            head.append("Transfer-Encoding: chunked\r\n\r\n");
            out.writeBytes(head.toString().getBytes(ISO_8859_1));
            chunked(out, body, random);
        } else {
            head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
            out.writeBytes(head.toString().getBytes(ISO_8859_1));
            out.writeBytes(body);
        }
        return out.toByteArray();
    }

    private static void chunked(ByteArrayOutputStream out, byte[] body, Random random) {
        int from = 0;
        while (from < body.length) {
            int count = Math.min(body.length - from, 1 + random.nextInt(200));
            out.writeBytes((Integer.toHexString(count) + "\r\n").getBytes(ISO_8859_1));
            out.write(body, from, count);
            out.writeBytes("\r\n".getBytes(ISO_8859_1));
            from += count;
        }
        out.writeBytes("0\r\n\r\n".getBytes(ISO_8859_1));
    }

    private byte[] http2(Mutations mutations, Random random) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        int streams = 1 + random.nextInt(4);
        for (int i = 0; i < streams; i++) {
            Request request =
                    mutations.oneIn(3)
                            ? request(Requests.SUBSCRIBE, mutations)
                            : request(mutations);
            int stream = 2 * i + 1;
            byte[] block =
                    Frames.headers(
                            "127.0.0.1:" + port,
                            request.signed().path(),
                            request.signed().headers());
            if (mutations.oneIn(4)) {
                block = mutations.bytes(block);
            }
            frames.add(Frames.frame(Frames.HEADERS, Frames.END_HEADERS, stream, block));
            frames.add(Frames.frame(Frames.DATA, Frames.END_STREAM, stream, request.body()));
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            frames.add(random.nextInt(frames.size() + 1), anyFrame(mutations, random));
        }
        if (mutations.oneIn(6)) {
            Collections.shuffle(frames, random);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frames.forEach(out::writeBytes);
        byte[] sent = out.toByteArray();
        if (mutations.oneIn(4)) {
            sent = mutations.bytes(sent);
        }
        out.reset();
        out.writeBytes(Frames.PREFACE);
        out.writeBytes(Frames.frame(Frames.SETTINGS, 0, 0, settings(mutations, random)));
        out.writeBytes(sent);
        return out.toByteArray();
    }

    private static byte[] settings(Mutations mutations, Random random) {
        return mutations.oneIn(3) ? mutations.junk(6 * random.nextInt(10)) : new byte[0];
    }

    /** Any frame, of any type: resets, pings, windows, settings, continuations, unknown ones. */
    private static byte[] anyFrame(Mutations mutations, Random random) {
        int type = mutations.oneIn(10) ? random.nextInt(256) : random.nextInt(10);
        byte[] payload =
                switch (type) {
                    case 3, 8 -> mutations.junk(4);
                    case 6 -> mutations.junk(8);
                    case 4 -> mutations.junk(6 * random.nextInt(5));
                    default -> mutations.junk(random.nextInt(40));
                };
        int length = mutations.oneIn(6) ? random.nextInt(1 << 24) : payload.length;
        int stream = mutations.oneIn(8) ? random.nextInt() : random.nextInt(9);
        return Frames.frame(length, type, random.nextInt(256), stream, payload);
    }
}
