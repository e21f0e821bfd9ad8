/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a server whose first connection leads to somebody else, as before kube-proxy is up. */
@Timeout(30)
class ControlConnectionsTest {

    private static final String SOMEBODY_ELSE =
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    private static final String GATEWAY =
            "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 1\r\nContent-Length: 2\r\n\r\n{}";

    private final AtomicInteger connections = new AtomicInteger();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::acceptAll);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void givesUpAConnectionThatDoesNotLeadToAGateway() throws Exception {
        try (ControlConnections tested = new ControlConnections()) {
            assertThatThrownBy(() -> tested.send(request()))
                    .isInstanceOf(IOException.class)
                    .hasMessage("404, and not from a gateway");
            assertThat(tested.send(request()).statusCode()).isEqualTo(200);
            assertThat(tested.send(request()).statusCode()).isEqualTo(200);
        }
        assertThat(connections).hasValue(2);
    }

    private HttpRequest request() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"))
                .build();
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                String answer = connections.incrementAndGet() == 1 ? SOMEBODY_ELSE : GATEWAY;
                Thread.ofVirtual().start(() -> answerAll(socket, answer));
            } catch (IOException _) {
                return;
            }
        }
    }

    /** Answers each request of a connection, which stays open. */
    private static void answerAll(Socket socket, String answer) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                }
            }
        } catch (IOException _) {
            // The client is gone.
        }
    }
}
