/**
 * A producer, a consumer and what prints a stream, with nothing but the AWS SDK: endpoint and keys
 * come from the environment.
 */
@NullMarked
package dev.millrace.samples;

import org.jspecify.annotations.NullMarked;
