/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package dev.millrace.delivery.testing;

import org.jspecify.annotations.NullMarked;
