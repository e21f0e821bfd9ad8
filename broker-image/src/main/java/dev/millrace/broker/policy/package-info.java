/* SPDX-License-Identifier: Apache-2.0 */
/** Who may do what: policies in the language of AWS IAM, and how they are evaluated. */
@NullMarked
package dev.millrace.broker.policy;

import org.jspecify.annotations.NullMarked;
