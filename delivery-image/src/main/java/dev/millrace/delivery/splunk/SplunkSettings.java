/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.splunk;

import dev.millrace.delivery.secret.MountedSecret;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * An HTTP Event Collector.
 *
 * @param events whether records are HEC's event objects; else they are raw text
 * @param token a Secret with {@code token}
 * @param ca a Secret with {@code ca.crt}
 * @param acknowledgment how long one is waited for
 */
public record SplunkSettings(
        URI endpoint,
        boolean events,
        MountedSecret token,
        Optional<MountedSecret> ca,
        Duration acknowledgment) {}
