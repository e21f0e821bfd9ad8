/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

/** The errors of the API: AWS's name and HTTP status. */
public enum ErrorCode {
    ACCESS_DENIED("AccessDeniedException", 400),
    CONCURRENT_MODIFICATION("ConcurrentModificationException", 400),
    DRY_RUN_OPERATION("DryRunOperationException", 400),
    EXPIRED_ITERATOR("ExpiredIteratorException", 400),
    EXPIRED_NEXT_TOKEN("ExpiredNextTokenException", 400),
    INCOMPLETE_SIGNATURE("IncompleteSignatureException", 400),
    INTERNAL_FAILURE("InternalFailure", 500),
    INVALID_ARGUMENT("InvalidArgumentException", 400),
    INVALID_KMS_RESOURCE("InvalidKMSResourceException", 400),
    INVALID_SIGNATURE("InvalidSignatureException", 400),
    KMS_INVALID_STATE("KMSInvalidStateException", 400),
    KMS_NOT_FOUND("KMSNotFoundException", 400),
    LIMIT_EXCEEDED("LimitExceededException", 400),
    MISSING_AUTHENTICATION_TOKEN("MissingAuthenticationTokenException", 400),
    PROVISIONED_THROUGHPUT_EXCEEDED("ProvisionedThroughputExceededException", 400),
    REQUEST_TIMEOUT("RequestTimeoutException", 408),
    REQUEST_TOO_LARGE("RequestEntityTooLargeException", 413),
    RESOURCE_IN_USE("ResourceInUseException", 400),
    RESOURCE_NOT_FOUND("ResourceNotFoundException", 400),
    SERIALIZATION("SerializationException", 400),
    SERVICE_UNAVAILABLE("ServiceUnavailableException", 503),
    THROTTLING("ThrottlingException", 400),
    UNKNOWN_OPERATION("UnknownOperationException", 400),
    UNRECOGNIZED_CLIENT("UnrecognizedClientException", 400),
    VALIDATION("ValidationException", 400);

    private final String awsName;
    private final int status;

    ErrorCode(String awsName, int status) {
        this.awsName = awsName;
        this.status = status;
    }

    public String awsName() {
        return awsName;
    }

    public int status() {
        return status;
    }
}
