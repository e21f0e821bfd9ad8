/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery;

import dev.millrace.delivery.kafka.DeliverySteps;
import dev.millrace.delivery.kafka.DeliverySteps.Step;
import java.util.concurrent.atomic.AtomicInteger;

/** The real worker as a process, which dies at a given step as by kill -9. */
final class HaltingWorker {

    private HaltingWorker() {}

    /** Arguments: the step and which time it is to happen, or none. */
    public static void main(String[] args) throws Exception {
        DeliverySteps steps = DeliverySteps.NONE;
        if (args.length == 2) {
            Step halting = Step.valueOf(args[0]);
            AtomicInteger left = new AtomicInteger(Integer.parseInt(args[1]));
            steps =
                    step -> {
                        if (step == halting && left.decrementAndGet() == 0) {
                            // No hook runs and nothing is flushed.
                            Runtime.getRuntime().halt(137);
                        }
                    };
        }
        DeliveryMain.run(System.getenv(), steps);
    }
}
