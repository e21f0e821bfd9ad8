/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way of every request: read the body, find the action of its target, verify who sends it,
 * let the action handle it, answer. Runs in a virtual thread of its own and may block.
 */
public final class ApiHandler extends Handler.Abstract {

    private static final Logger log = LoggerFactory.getLogger(ApiHandler.class);
    private static final String NO_OPERATION =
            "Unable to determine service/operation name to be authorized";

    private final Map<String, Action> actionsByTarget;
    private final Authenticator authenticator;
    private final RequestBudget budget;
    private final BodyBuffers buffers = new BodyBuffers();
    private final int bodyBytesMax;
    private final int requestsMax;
    private final RequestMeter meter;
    private final SlowBodies slow = new SlowBodies();
    private final Complaints complaints = new Complaints();
    private final AtomicInteger active = new AtomicInteger();

    /**
     * @param actionsByTarget the actions by the value of X-Amz-Target
     * @param bodyBytesMax how large a body may be, also once it is inflated
     * @param requestsMax how many requests may be under way at once, those that wait included
     */
    public ApiHandler(
            Map<String, Action> actionsByTarget,
            Authenticator authenticator,
            RequestBudget budget,
            int bodyBytesMax,
            int requestsMax,
            RequestMeter meter) {
        super(InvocationType.BLOCKING);
        this.actionsByTarget = Map.copyOf(actionsByTarget);
        this.authenticator = authenticator;
        this.budget = budget;
        this.bodyBytesMax = bodyBytesMax;
        this.requestsMax = requestsMax;
        this.meter = meter;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String requestId = requestId();
        response.getHeaders().put("x-amzn-RequestId", requestId);
        response.getHeaders().put("x-amz-id-2", extendedRequestId());
        try {
            if (active.incrementAndGet() > requestsMax) {
                shed(request, response);
            } else {
                handle(request, response, requestId);
            }
            callback.succeeded();
        } catch (Throwable e) {
            // The connection broke, or an answer broke off in the middle: nothing can be told.
            callback.failed(e);
        } finally {
            active.decrementAndGet();
        }
        return true;
    }

    /** How many requests are under way. */
    public int active() {
        return active.get();
    }

    /**
     * Gives up bodies that come too slowly, and tells how many requests failed of whose failures
     * only the first was told. Called by one thread, a few times a second.
     */
    void sweep(long nowNanos) {
        slow.sweep(nowNanos);
        complaints
                .due(nowNanos)
                .forEach((what, more) ->
                        log.warn(
                                "{}, {} times more in {} s",
                                what,
                                more,
                                Complaints.COUNTED_FOR.toSeconds()));
    }

    /** The first of a kind as it is, the others as their number. */
    private void complain(Runnable tell, String kind) {
        if (complaints.isFirst(kind, System.nanoTime())) {
            tell.run();
        }
    }

    private void shed(Request request, Response response) throws IOException {
        Protocol protocol = protocolOf(request).orElse(Protocol.JSON);
        AwsException busy =
                new AwsException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "The gateway has as many requests under way as it can; try again.");
        meter.record("unknown", busy.code().awsName(), 0);
        writeRefusal(response, protocol, busy);
    }

    private static Optional<Protocol> protocolOf(Request request) {
        return Protocol.ofContentType(
                Optional.ofNullable(request.getHeaders().get(HttpHeader.CONTENT_TYPE)).orElse(""));
    }

    /** Refused before the body was read: what is left of it is not worth the connection. */
    private static void writeRefusal(Response response, Protocol protocol, AwsException error)
            throws IOException {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        writeError(response, protocol, error);
    }

    private void handle(Request request, Response response, String requestId) throws IOException {
        long started = System.nanoTime();
        String target = Optional.ofNullable(request.getHeaders().get("X-Amz-Target")).orElse("");
        Optional<Protocol> protocol = protocolOf(request);
        String outcome;
        try (RequestBody body = new RequestBody(budget, buffers, bodyBytesMax, slow)) {
            try (InputStream in = Content.Source.asInputStream(request)) {
                body.read(in, request.getLength(), request::fail);
            }
            if (!request.getMethod().equals("POST") || protocol.isEmpty()) {
                outcome = refuseUnknownForm(request, response, target);
            } else {
                outcome = answer(request, response, target, protocol.get(), body, requestId);
            }
        } catch (AwsException e) {
            writeRefusal(response, protocol.orElse(Protocol.JSON), e);
            outcome = e.code().awsName();
        }
        meter.record(
                actionsByTarget.containsKey(target) ? target : "unknown",
                outcome,
                System.nanoTime() - started);
    }

    /** What AWS answers in XML because it cannot even tell the protocol. */
    private static String refuseUnknownForm(Request request, Response response, String target)
            throws IOException {
        boolean unknown = request.getMethod().equals("POST") && target.indexOf('.') > 0;
        response.setStatus(unknown ? 404 : 403);
        String text =
                unknown
                        ? "<UnknownOperationException/>\n"
                        : "<AccessDeniedException>\n  <Message>"
                                + NO_OPERATION
                                + "</Message>\n</AccessDeniedException>\n";
        Content.Sink.write(response, true, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return unknown ? "UnknownOperationException" : "AccessDeniedException";
    }

    private String answer(
            Request request,
            Response response,
            String target,
            Protocol protocol,
            RequestBody body,
            String requestId)
            throws IOException {
        Reply reply;
        try {
            reply = perform(request, target, protocol, body);
        } catch (AwsException e) {
            writeError(response, protocol, e);
            return e.code().awsName();
        } catch (JsonProcessingException | ZipException | EOFException _) {
            writeError(response, protocol, AwsException.serialization(""));
            return ErrorCode.SERIALIZATION.awsName();
        } catch (UnavailableException e) {
            complain(
                    () ->
                            log.warn(
                                    "{} was not possible, request {}: {}",
                                    target,
                                    requestId,
                                    e.toString()),
                    target + " was not possible");
            writeError(
                    response,
                    protocol,
                    new AwsException(ErrorCode.SERVICE_UNAVAILABLE, "Try again."));
            return ErrorCode.SERVICE_UNAVAILABLE.awsName();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            writeError(
                    response,
                    protocol,
                    new AwsException(ErrorCode.SERVICE_UNAVAILABLE, "The gateway stops."));
            return ErrorCode.SERVICE_UNAVAILABLE.awsName();
        } catch (IOException | RuntimeException e) {
            complain(
                    () -> log.error("{} failed, request {}", target, requestId, e),
                    target + " failed");
            writeError(response, protocol, new AwsException(ErrorCode.INTERNAL_FAILURE, ""));
            return ErrorCode.INTERNAL_FAILURE.awsName();
        }
        response.setStatus(200);
        return switch (reply) {
            case Answer answer -> send(response, protocol, answer);
            case EventStream events -> send(response, protocol, events, target, requestId);
        };
    }

    private static String send(Response response, Protocol protocol, Answer answer)
            throws IOException {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, protocol.contentType());
        if (answer == Answer.EMPTY) {
            Content.Sink.write(response, true, ByteBuffer.allocate(0));
            return "ok";
        }
        try (answer;
                AnswerStream stream = new AnswerStream(response)) {
            write(protocol, stream, answer);
        }
        return "ok";
    }

    private String send(
            Response response,
            Protocol protocol,
            EventStream stream,
            String target,
            String requestId)
            throws IOException {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, EventStreamResponse.CONTENT_TYPE);
        EventStreamResponse events = new EventStreamResponse(response, protocol);
        try (stream) {
            events.begin();
            stream.run(events);
        } catch (AwsException e) {
            events.fail(e);
            return e.code().awsName();
        } catch (UnavailableException e) {
            complain(
                    () ->
                            log.warn(
                                    "{} ended early, request {}: {}",
                                    target,
                                    requestId,
                                    e.toString()),
                    target + " ended early");
            events.fail(new AwsException(ErrorCode.INTERNAL_FAILURE, "Subscribe again."));
            return ErrorCode.INTERNAL_FAILURE.awsName();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        events.end();
        return "ok";
    }

    private Reply perform(Request request, String target, Protocol protocol, RequestBody body)
            throws IOException, InterruptedException {
        Action action = actionsByTarget.get(target);
        if (action == null) {
            throw new AwsException(ErrorCode.UNKNOWN_OPERATION, "");
        }
        var caller =
                authenticator.authenticate(
                        new SignedRequest(
                                request.getMethod(),
                                pathOf(request),
                                Optional.ofNullable(request.getHttpURI().getQuery()).orElse(""),
                                name -> headerValues(request, name),
                                body.bytes(),
                                body.length()));
        if ("gzip".equalsIgnoreCase(request.getHeaders().get(HttpHeader.CONTENT_ENCODING))) {
            body.inflate();
        }
        return action.handle(new Call(caller, protocol, body.bytes(), body.length()));
    }

    /** Over HTTP/2 the host is no header, but clients sign it as if it were. */
    private static List<String> headerValues(Request request, String name) {
        List<String> values = request.getHeaders().getValuesList(name);
        if (values.isEmpty() && (name.equalsIgnoreCase("host") || name.equals(":authority"))) {
            String authority = request.getHttpURI().getAuthority();
            return authority == null ? values : List.of(authority);
        }
        return values;
    }

    private static String pathOf(Request request) {
        String path = request.getHttpURI().getPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    private static void writeError(Response response, Protocol protocol, AwsException error)
            throws IOException {
        response.setStatus(error.code().status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, protocol.contentType());
        response.getHeaders().put("x-amzn-ErrorType", error.code().awsName());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        write(
                protocol,
                bytes,
                (out, _) -> {
                    out.writeStringField("__type", error.code().awsName());
                    if (!error.text().isEmpty()) {
                        out.writeStringField(
                                error.code() == ErrorCode.SERIALIZATION ? "Message" : "message",
                                error.text());
                    }
                });
        Content.Sink.write(response, true, ByteBuffer.wrap(bytes.toByteArray()));
    }

    private static void write(Protocol protocol, OutputStream to, Answer answer)
            throws IOException {
        try (JsonGenerator out = protocol.generator(to)) {
            out.writeStartObject();
            answer.writeFields(out, protocol);
            out.writeEndObject();
        }
    }

    /** In the form of a UUID, but nobody needs it to be hard to guess, which takes its time. */
    private static String requestId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = random.nextLong() & ~0xF000L | 0x4000L;
        long low = random.nextLong() & ~(3L << 62) | 2L << 62;
        return new UUID(high, low).toString();
    }

    private static String extendedRequestId() {
        byte[] random = new byte[48];
        ThreadLocalRandom.current().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }
}
