/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What is done to a pool of three brokers while records are put into a stream of it. */
enum Fault {
    BROKER_KILL(
            "`kill -9` of Kafka every 20 s, one broker after the other, while the stream is resharded") {
        @Override
        void inflict(Scene scene, int round) throws Exception {
            long began = System.nanoTime();
            int broker = round % BROKERS;
            scene.reshard(round);
            kill(scene, broker, "kafka");
            sleepUntil(began + TimeUnit.SECONDS.toNanos(20));
        }
    },

    GATEWAY_KILL("`kill -9` of a gateway, one after the other, while the stream is resharded") {
        @Override
        void inflict(Scene scene, int round) throws Exception {
            int broker = round % BROKERS;
            scene.reshard(round);
            kill(scene, broker, "gateway");
            scene.awaitProgress();
        }
    },

    NETWORK_CUT(
            "a pod's gateway and broker are cut off from the other brokers for 25 s, in turn both ways and only outgoing; clients still reach the gateway") {
        @Override
        void inflict(Scene scene, int round) throws Exception {
            int broker = round % BROKERS;
            scene.cluster().cutOff(Scene.POOL, broker, BROKERS, round % 2 == 0);
            try {
                scene.reshard(round);
                Thread.sleep(Duration.ofSeconds(25));
            } finally {
                scene.cluster().heal(Scene.POOL, broker);
            }
            scene.awaitProgress();
        }
    },

    OPERATOR_KILL("`kill -9` of the operator in the middle of a reshard") {
        @Override
        void inflict(Scene scene, int round) throws Exception {
            int shards = scene.reshard(round);
            // A reshard takes about a second: each round meets another moment of it.
            Thread.sleep(Duration.ofMillis(150L * (round % 6)));
            scene.cluster().killOperator();
            scene.cluster().awaitShards(scene.stream(), shards);
        }
    },

    ROLLING_RESTART("all pods are replaced, one after the other, while the stream is resharded") {
        @Override
        void inflict(Scene scene, int round) {
            scene.reshard(round);
            scene.cluster().restartRolling(Scene.POOL);
            scene.cluster().awaitPoolReady(Scene.POOL);
        }
    },

    CONTROLLER_CHANGE("`kill -9` of the broker that is Kafka's controller") {
        @Override
        void inflict(Scene scene, int round) throws Exception {
            int controller = scene.controllerOtherThan(Optional.empty());
            scene.cluster().awaitRunning(Scene.POOL, controller, "kafka");
            scene.cluster().losePod(Scene.POOL, controller);
            scene.reshard(round);
            assertThat(scene.controllerOtherThan(Optional.of(controller))).isNotEqualTo(controller);
            scene.awaitProgress();
        }
    },

    MOVING_LOAD(
            "the load moves to another quarter of the hash keys every 25 s; the stream is on-demand and follows by itself") {
        @Override
        void inflict(Scene scene, int round) throws Exception {
            scene.moveLoad(round);
            Thread.sleep(Duration.ofSeconds(25));
            Cluster.until(
                    "the stream has shards where its load is",
                    Duration.ofMinutes(3),
                    () -> scene.shardsUnderLoad() >= SHARDS_UNDER_LOAD);
        }
    },

    DISK_FULL(
            "the volume of a pool of one broker is filled, in turn up to the reserve and to the last byte, and emptied again") {
        @Override
        void inflict(Scene scene, int round) throws Exception {
            if (round % 2 == 0) {
                scene.fillUpToTheReserve();
            } else {
                scene.fillToTheLastByte();
            }
            scene.awaitProgress();
        }
    };

    static final int BROKERS = 3;
    private static final int RESTARTS_AT_ONCE = 2;
    private static final int SHARDS_UNDER_LOAD = 4;

    private final String description;

    Fault(String description) {
        this.description = description;
    }

    /** Does it once; the next round, or the end, may come as soon as this returns. */
    abstract void inflict(Scene scene, int round) throws Exception;

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String description() {
        return description;
    }

    static Fault ofLabel(String label) {
        return Arrays.stream(values())
                .filter(fault -> fault.label().equals(label))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "There is no fault %s; there are %s"
                                        .formatted(
                                                label,
                                                Arrays.stream(values())
                                                        .map(Fault::label)
                                                        .toList())));
    }

    /**
     * The kubelet lets a container wait ever longer; then the pod goes, and another starts at once.
     */
    private static void kill(Scene scene, int broker, String container) throws Exception {
        scene.cluster().awaitRunning(Scene.POOL, broker, container);
        if (scene.cluster().restarts(Scene.POOL, broker, container) < RESTARTS_AT_ONCE) {
            scene.cluster().kill(Scene.POOL, broker, container);
        } else {
            scene.cluster().losePod(Scene.POOL, broker);
        }
    }

    private static void sleepUntil(long nanoTime) throws InterruptedException {
        long left = nanoTime - System.nanoTime();
        if (left > 0) {
            Thread.sleep(Duration.ofNanos(left));
        }
    }
}
