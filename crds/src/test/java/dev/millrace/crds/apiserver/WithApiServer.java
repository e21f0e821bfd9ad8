/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.crds.apiserver;

import java.io.IOException;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * Gives a test class the {@link ApiServer} as a parameter. Where {@code CI=true} a machine that has
 * none fails the class; elsewhere the class is skipped, and says why.
 */
public final class WithApiServer implements BeforeAllCallback, ParameterResolver {

    private static final ExtensionContext.Namespace KEY =
            ExtensionContext.Namespace.create(WithApiServer.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        server(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ApiServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return server(context);
    }

    private static ApiServer server(ExtensionContext context) {
        // The root store lives as long as the JVM's tests, and closes what it holds.
        return context.getRoot()
                .getStore(KEY)
                .computeIfAbsent(ApiServer.class, _ -> start(), ApiServer.class);
    }

    private static ApiServer start() {
        try {
            return ApiServer.start();
        } catch (IOException e) {
            if ("true".equals(System.getenv("CI"))) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            throw new TestAbortedException(e.getMessage(), e);
        }
    }
}
