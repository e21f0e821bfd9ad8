/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * PostgreSQL that can do Redshift's {@code COPY ... FROM 's3://...' MANIFEST ... JSON}: a proxy of
 * its protocol that reads the manifest and the objects from the S3 server and copies them in, in
 * the same session and transaction. All else goes through.
 */
public final class RedshiftProxy implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern COPY =
            Pattern.compile(
                    "COPY (\\S+) \\(([^)]*)\\) FROM 's3://([^/]+)/([^']+)' (.*)", Pattern.DOTALL);
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;
    private static final int PROTOCOL = 196608;

    /** A message of the protocol. */
    private record Frame(int type, byte[] body) {
        static Frame read(DataInputStream in) throws IOException {
            int type = in.read();
            if (type < 0) {
                return new Frame('X', new byte[0]);
            }
            return new Frame(type, in.readNBytes(in.readInt() - 4));
        }

        void write(DataOutputStream out) throws IOException {
            out.write(type);
            out.writeInt(body.length + 4);
            out.write(body);
        }
    }

    private final ServerSocket server;
    private final int postgres;
    private final S3Server s3;

    /** How many COPY were done. */
    public final AtomicInteger copies = new AtomicInteger();

    /** What the last COPY said. */
    public volatile String lastCopy = "";

    public RedshiftProxy(PostgresServer postgres, S3Server s3) throws IOException {
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.postgres = postgres.port();
        this.s3 = s3;
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public String jdbcUrl() {
        return jdbcUrl(port());
    }

    /** By way of another port. */
    public static String jdbcUrl(int port) {
        return "jdbc:redshift://127.0.0.1:" + port + "/postgres?ssl=false";
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket up = new Socket(InetAddress.getLoopbackAddress(), postgres)) {
            DataInputStream fromClient = new DataInputStream(client.getInputStream());
            DataOutputStream toClient = new DataOutputStream(client.getOutputStream());
            DataInputStream fromServer = new DataInputStream(up.getInputStream());
            DataOutputStream toServer = new DataOutputStream(up.getOutputStream());
            start(fromClient, toClient, toServer);
            answer(fromServer, toClient);
            while (true) {
                List<Frame> request = request(fromClient);
                if (request.getLast().type() == 'X') {
                    return;
                }
                Matcher copy = COPY.matcher(sql(request));
                if (copy.find()) {
                    copy(copy, request, fromServer, toServer, toClient);
                } else {
                    for (Frame frame : request) {
                        frame.write(toServer);
                    }
                    toServer.flush();
                    answer(fromServer, toClient);
                }
            }
        } catch (IOException _) {
            // The client has gone.
        }
    }

    /** PostgreSQL does not know what Redshift's driver says of itself. */
    private static void start(
            DataInputStream client, DataOutputStream toClient, DataOutputStream server)
            throws IOException {
        byte[] body = client.readNBytes(client.readInt() - 4);
        int code = new DataInputStream(new ByteArrayInputStream(body)).readInt();
        if (code == SSL_REQUEST || code == GSS_REQUEST) {
            toClient.write('N');
            toClient.flush();
            start(client, toClient, server);
            return;
        }
        String[] words =
                new String(body, 4, body.length - 4, StandardCharsets.UTF_8).split("\0", -1);
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        for (int i = 0; i + 1 < words.length && !words[i].isEmpty(); i += 2) {
            if (Set.of("user", "database", "client_encoding").contains(words[i])) {
                kept.writeBytes(
                        (words[i] + "\0" + words[i + 1] + "\0").getBytes(StandardCharsets.UTF_8));
            }
        }
        kept.write(0);
        server.writeInt(kept.size() + 8);
        server.writeInt(PROTOCOL);
        server.write(kept.toByteArray());
        server.flush();
    }

    private static List<Frame> request(DataInputStream client) throws IOException {
        List<Frame> frames = new ArrayList<>();
        do {
            frames.add(Frame.read(client));
        } while ("SQX".indexOf(frames.getLast().type()) < 0);
        return frames;
    }

    private static void answer(DataInputStream server, DataOutputStream client) throws IOException {
        Frame frame;
        do {
            frame = Frame.read(server);
            frame.write(client);
        } while (frame.type() != 'Z' && frame.type() != 'X');
        client.flush();
    }

    private static String sql(List<Frame> request) {
        for (Frame frame : request) {
            String text = new String(frame.body(), StandardCharsets.UTF_8);
            if (frame.type() == 'Q') {
                return text;
            }
            if (frame.type() == 'P' && text.contains("'s3://")) {
                return text.substring(text.indexOf('\0') + 1);
            }
        }
        return "";
    }

    private void copy(
            Matcher copy,
            List<Frame> request,
            DataInputStream fromServer,
            DataOutputStream toServer,
            DataOutputStream toClient)
            throws IOException {
        lastCopy = copy.group();
        copies.incrementAndGet();
        String sql =
                "COPY %s (%s) FROM STDIN WITH (FORMAT csv)\0"
                        .formatted(copy.group(1), copy.group(2));
        new Frame('Q', sql.getBytes(StandardCharsets.UTF_8)).write(toServer);
        toServer.flush();
        Frame first = Frame.read(fromServer);
        if (first.type() == 'G') {
            try {
                new Frame('d', rows(copy)).write(toServer);
                new Frame('c', new byte[0]).write(toServer);
            } catch (RuntimeException | IOException e) {
                new Frame('f', ("Load failed: " + e + "\0").getBytes(StandardCharsets.UTF_8))
                        .write(toServer);
            }
            toServer.flush();
            first = Frame.read(fromServer);
        }
        boolean extended = request.getFirst().type() != 'Q';
        if (extended && first.type() == 'C') {
            for (Frame frame : request) {
                switch (frame.type()) {
                    case 'P' -> new Frame('1', new byte[0]).write(toClient);
                    case 'B' -> new Frame('2', new byte[0]).write(toClient);
                    case 'D' -> new Frame('n', new byte[0]).write(toClient);
                    default -> {
                        // Has no answer of its own.
                    }
                }
            }
        }
        first.write(toClient);
        answer(fromServer, toClient);
    }

    private byte[] rows(Matcher copy) throws IOException {
        List<String> columns = List.of(copy.group(2).replace("\"", "").split(", "));
        if (!copy.group(5).contains("MANIFEST")) {
            throw new IOException("no MANIFEST");
        }
        StringBuilder csv = new StringBuilder();
        for (JsonNode entry : JSON.readTree(object(copy.group(3), copy.group(4))).path("entries")) {
            String[] url = entry.path("url").asText().substring("s3://".length()).split("/", 2);
            byte[] object = object(url[0], url[1]);
            if (copy.group(5).contains("GZIP")) {
                try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(object))) {
                    object = in.readAllBytes();
                }
            }
            for (String line : new String(object, StandardCharsets.UTF_8).lines().toList()) {
                JsonNode row = JSON.readTree(line);
                List<String> cells = new ArrayList<>();
                columns.forEach(column ->
                        cells.add("\"" + row.path(column).asText().replace("\"", "\"\"") + "\""));
                csv.append(String.join(",", cells)).append('\n');
            }
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] object(String bucket, String key) {
        return s3.client().getObjectAsBytes(r -> r.bucket(bucket).key(key)).asByteArray();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
