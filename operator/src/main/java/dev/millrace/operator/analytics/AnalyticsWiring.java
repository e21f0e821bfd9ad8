/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.analytics;

import dev.millrace.operator.config.OperatorConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What the controller of applications is given. */
@ApplicationScoped
public class AnalyticsWiring {

    @Produces
    @Singleton
    AnalyticsObjects objects(OperatorConfig config) {
        return new AnalyticsObjects(config.sqlImage());
    }

    @Produces
    @Singleton
    HttpRunnerReports reports() {
        return new HttpRunnerReports();
    }

    @Produces
    @Singleton
    AnalyticsTiming timing() {
        return AnalyticsTiming.NORMAL;
    }

    void close(@Disposes HttpRunnerReports reports) {
        reports.close();
    }
}
