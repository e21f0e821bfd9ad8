/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import dev.millrace.delivery.testing.FaultyHttp;
import dev.millrace.delivery.testing.Pool;
import dev.millrace.delivery.testing.PostgresServer;
import dev.millrace.delivery.testing.S3Server;
import dev.millrace.delivery.testing.SearchServer;
import java.util.concurrent.atomic.AtomicInteger;

/** The servers that all targets share, and the faults that are the same for many. */
public record Servers(Pool pool, S3Server s3, PostgresServer postgres, SearchServer search) {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** A name that nothing else has. */
    static String name(String kind) {
        return kind.replace(" ", "-") + "-" + NUMBER.incrementAndGet();
    }

    /** {@code backup} in a bucket behind a proxy. */
    static String backup(FaultyHttp store, String bucket) {
        return """
        , "backup": {"mode": "FailedDataOnly", "s3": {"endpoint": "%s", "bucket": "%s",
           "errorOutputPrefix": "failed/", "credentialsSecretRef": {"name": "s3"}}}
        """
                .formatted(store.endpoint(), bucket);
    }

    /** As S3 says no. */
    static FaultyHttp.Fault s3Error(int status, String code) {
        return new FaultyHttp.Fault.Answers(
                status,
                "application/xml",
                "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>as the test says</Message></Error>"
                        .formatted(code));
    }
}
