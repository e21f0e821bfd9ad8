/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import software.amazon.awssdk.services.s3.model.S3Exception;

/** What a store says no with, by Firehose's codes. */
public final class S3Error {

    private static final int FORBIDDEN = 403;

    private S3Error() {}

    public static String code(S3Exception e) {
        String error = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
        return switch (error == null ? "" : error) {
            case "NoSuchBucket" -> "S3.NoSuchBucket";
            case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Forbidden" ->
                    "S3.AccessDenied";
            case "MethodNotAllowed" -> "S3.MethodNotAllowed";
            case "AccountProblem" -> "S3.AccountProblem";
            case "AllAccessDisabled" -> "S3.AllAccessDisabled";
            case "InvalidPayer" -> "S3.InvalidPayer";
            case "NotSignedUp" -> "S3.NotSignedUp";
            case "KMS.NotFoundException" -> "S3.KMS.NotFoundException";
            default -> e.statusCode() == FORBIDDEN ? "S3.AccessDenied" : "InternalError";
        };
    }
}
