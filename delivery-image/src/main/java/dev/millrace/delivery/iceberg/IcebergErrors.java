/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import dev.millrace.delivery.s3.S3Error;
import java.io.IOException;
import java.sql.SQLException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.RESTException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What went wrong, by codes: Iceberg wraps what its catalog and its store say. */
final class IcebergErrors {

    private static final String CATALOG = "Iceberg.CatalogUnavailable";
    private static final int DEPTH_MAX = 20;

    private IcebergErrors() {}

    static String code(Throwable failure) {
        String code = "Iceberg.CommitFailed";
        Throwable cause = failure;
        for (int i = 0; cause != null && i < DEPTH_MAX; i++, cause = cause.getCause()) {
            switch (cause) {
                case NoSuchTableException _ -> {
                    return "Iceberg.NoSuchTable";
                }
                case CommitFailedException _ -> {
                    return "Iceberg.CommitConflict";
                }
                case NotAuthorizedException _ -> {
                    return "Iceberg.AccessDenied";
                }
                case ForbiddenException _ -> {
                    return "Iceberg.AccessDenied";
                }
                case S3Exception e -> {
                    return S3Error.code(e);
                }
                case SdkException _ -> {
                    return "S3.ConnectionFailed";
                }
                case SQLException _ -> {
                    return CATALOG;
                }
                case RESTException _ -> {
                    return CATALOG;
                }
                case IOException _ -> {
                    // The store's streams wrap in one what the store has said.
                    code = "Iceberg.WriteFailed";
                }
                default -> {
                    // Its cause may tell more.
                }
            }
        }
        return code;
    }

    /** The failure, and what is behind it. */
    static String words(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; root.getCause() != null && i < DEPTH_MAX; i++) {
            root = root.getCause();
        }
        return root == failure ? failure.toString() : failure + ": " + root;
    }
}
