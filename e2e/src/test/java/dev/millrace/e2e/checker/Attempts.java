/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e.checker;

import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** How often the SDK sent a request, its own retries included. */
final class Attempts {

    private static final ExecutionAttribute<AtomicInteger> COUNTER =
            new ExecutionAttribute<>("MillraceAttempts");

    private final AtomicInteger count = new AtomicInteger();

    /** To be put on a client whose requests are counted. */
    static final class Interceptor implements ExecutionInterceptor {
        @Override
        public void beforeTransmission(
                Context.BeforeTransmission context, ExecutionAttributes attributes) {
            AtomicInteger counter = attributes.getAttribute(COUNTER);
            if (counter != null) {
                counter.incrementAndGet();
            }
        }
    }

    /** To be put on the request that is counted. */
    AwsRequestOverrideConfiguration onRequest() {
        return AwsRequestOverrideConfiguration.builder()
                .putExecutionAttribute(COUNTER, count)
                .build();
    }

    /**
     * How often it was sent.
     *
     * @throws IllegalStateException if the client has no {@link Interceptor}
     */
    int count() {
        if (count.get() == 0) {
            throw new IllegalStateException("The client does not count its attempts");
        }
        return count.get();
    }
}
