/**
 * A producer and a consumer with nothing but the AWS SDK: endpoint and keys come from the
 * environment.
 */
@NullMarked
package dev.millrace.samples;

import org.jspecify.annotations.NullMarked;
