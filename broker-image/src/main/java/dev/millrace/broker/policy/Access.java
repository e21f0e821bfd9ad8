/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.policy;

/**
 * What a caller wants to do.
 *
 * @param principal the caller's ARN, such as {@code arn:aws:iam::000000000000:user/AKIA...}
 * @param account the id of the caller's account
 * @param action such as {@code kinesis:PutRecord}
 * @param resource the ARN of what it is done to; {@code *} for what concerns no single resource
 */
public record Access(String principal, String account, String action, String resource) {}
