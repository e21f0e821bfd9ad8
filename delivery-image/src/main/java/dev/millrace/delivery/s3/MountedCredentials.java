/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.s3;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Credentials from a mounted Secret, read each time: Kubernetes changes the files in place. */
final class MountedCredentials implements AwsCredentialsProvider {

    private final Path directory;

    MountedCredentials(Path directory) {
        this.directory = directory;
    }

    @Override
    public AwsCredentials resolveCredentials() {
        String id = read("accessKeyId");
        String secret = read("secretAccessKey");
        return Files.exists(directory.resolve("sessionToken"))
                ? AwsSessionCredentials.create(id, secret, read("sessionToken"))
                : AwsBasicCredentials.create(id, secret);
    }

    private String read(String key) {
        try {
            return Files.readString(directory.resolve(key)).strip();
        } catch (IOException e) {
            throw SdkClientException.create(
                    "Secret %s has no key %s".formatted(directory.getFileName(), key), e);
        }
    }
}
