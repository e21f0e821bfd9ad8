/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

/** All destinations that the matrix has. */
public enum Targets {
    S3(S3Target::new),
    POSTGRESQL(PostgresTarget::new),
    REDSHIFT(RedshiftTarget::new),
    ICEBERG(IcebergTarget::new),
    OPENSEARCH(SearchTarget::new),
    HTTP_ENDPOINT(EndpointTarget::new),
    SPLUNK(SplunkTarget::new),
    KAFKA(TopicTarget::new);

    private interface Factory {
        Target make(Servers servers) throws Exception;
    }

    private final Factory factory;

    Targets(Factory factory) {
        this.factory = factory;
    }

    public Target make(Servers servers) throws Exception {
        return factory.make(servers);
    }
}
