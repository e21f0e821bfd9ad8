/** The gateway and plain Kafka, side by side on the same brokers. */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
