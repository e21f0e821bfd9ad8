/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.S3Exception;

class IcebergErrorsTest {

    @Test
    void whatTheStoreSaysCountsWhateverItIsWrappedIn() {
        assertThat(IcebergErrors.code(new IOException(store(503)))).isEqualTo("InternalError");
        assertThat(IcebergErrors.code(new UncheckedIOException(new IOException(store(403)))))
                .isEqualTo("S3.AccessDenied");
    }

    @Test
    void anIoExceptionOfItsOwnIsTheWorkersDisk() {
        assertThat(IcebergErrors.code(new UncheckedIOException(new IOException("No space left"))))
                .isEqualTo("Iceberg.WriteFailed");
        assertThat(IcebergErrors.code(new IllegalStateException()))
                .isEqualTo("Iceberg.CommitFailed");
    }

    private static Throwable store(int status) {
        return S3Exception.builder().statusCode(status).message("no").build();
    }
}
