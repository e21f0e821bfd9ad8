/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.http;

import dev.millrace.delivery.secret.MountedSecret;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A web server that takes Firehose's requests.
 *
 * @param accessKey a Secret with {@code accessKey}
 * @param ca a Secret with {@code ca.crt}
 * @param gzip whether bodies are compressed
 * @param commonAttributes sent with each request
 * @param sourceArn of the delivery stream
 */
public record EndpointSettings(
        URI url,
        Optional<MountedSecret> accessKey,
        Optional<MountedSecret> ca,
        boolean gzip,
        Map<String, String> commonAttributes,
        String sourceArn) {
    public EndpointSettings {
        commonAttributes = Map.copyOf(commonAttributes);
    }
}
