/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker;

import dev.millrace.broker.env.Environment;
import dev.millrace.broker.gateway.GatewayMain;
import dev.millrace.broker.kafka.KafkaMain;
import dev.millrace.broker.standalone.StandaloneMain;
import java.util.Arrays;

/** The entry point of the image: the first argument says what to run. */
public final class Main {

    private static final int USAGE_ERROR = 2;

    private Main() {}

    public static void main(String[] args) throws Exception {
        String mode = args.length == 0 ? "" : args[0];
        switch (mode) {
            case "kafka" -> KafkaMain.run(Environment.ofProcess());
            case "gateway" -> GatewayMain.run(Environment.ofProcess());
            case "standalone" ->
                    System.exit(StandaloneMain.run(Arrays.copyOfRange(args, 1, args.length)));
            default -> {
                System.err.println("Say what to run: kafka, gateway or standalone [--help]");
                System.exit(USAGE_ERROR);
            }
        }
    }
}
