/* SPDX-License-Identifier: Apache-2.0 */
/** What the pods of DeliveryStreams and of AnalyticsApplications have in common. */
@NullMarked
package dev.millrace.workload;

import org.jspecify.annotations.NullMarked;
