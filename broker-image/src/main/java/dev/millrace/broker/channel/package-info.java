/* SPDX-License-Identifier: Apache-2.0 */
/** Channels: streams that are delivered into S3 or into tables, each by a delivery stream. */
@NullMarked
package dev.millrace.broker.channel;

import org.jspecify.annotations.NullMarked;
