/* SPDX-License-Identifier: Apache-2.0 */
/** Topics of Kafka. */
@NullMarked
package dev.millrace.delivery.topic;

import org.jspecify.annotations.NullMarked;
