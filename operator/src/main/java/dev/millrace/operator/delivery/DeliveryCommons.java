/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.delivery;

import dev.millrace.crds.delivery.DeliveryStream;
import dev.millrace.operator.config.OperatorConfig;
import java.time.InstantSource;

/** What the controllers of delivery streams share: one of it in an operator. */
public final class DeliveryCommons {

    private final OperatorConfig config;
    private final InstantSource clock;
    private final DeliveryTiming timing;
    private final DeliveryObjects objects;
    private final DeliveryIndex index = new DeliveryIndex();

    public DeliveryCommons(OperatorConfig config, InstantSource clock, DeliveryTiming timing) {
        this.config = config;
        this.clock = clock;
        this.timing = timing;
        this.objects = new DeliveryObjects(config.deliveryImage());
    }

    InstantSource clock() {
        return clock;
    }

    DeliveryTiming timing() {
        return timing;
    }

    DeliveryObjects objects() {
        return objects;
    }

    DeliveryIndex index() {
        return index;
    }

    String arn(String name) {
        return "arn:aws:firehose:%s:%s:deliverystream/%s"
                .formatted(config.region(), config.accountId(), name);
    }

    boolean needsFinalizer(DeliveryStream stream) {
        return config.finalizers() && DeliveryRemovalFilter.deletesItsBuffer(stream);
    }
}
