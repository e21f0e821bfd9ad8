/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.broker.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessKeyDirectoryTest {

    @TempDir Path directory;

    @Test
    void readsClientsAndTheOperator() throws IOException {
        write("clients/orders", "AK1", "s1");
        write("operator", "AKOP", "s2");

        AccessKeys keys = refreshed();

        assertThat(keys.find("AK1")).contains(key("AK1", "s1", Role.CLIENT, "orders"));
        assertThat(keys.find("AKOP")).contains(key("AKOP", "s2", Role.OPERATOR, "operator"));
        assertThat(keys.find("AK2")).isEmpty();
    }

    @Test
    void followsASymlinkSwap() throws IOException {
        // As Kubernetes updates a Secret volume: files link through ..data to a dated directory.
        Path client = Files.createDirectories(directory.resolve("clients/orders"));
        version(client, "..1", "AK1", "old");
        Files.createSymbolicLink(client.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(client.resolve("accessKeyId"), Path.of("..data/accessKeyId"));
        Files.createSymbolicLink(
                client.resolve("secretAccessKey"), Path.of("..data/secretAccessKey"));
        AccessKeyDirectory keys = refreshed();
        assertThat(keys.find("AK1")).contains(key("AK1", "old", Role.CLIENT, "orders"));

        version(client, "..2", "AK1", "new");
        Files.delete(client.resolve("..data"));
        Files.createSymbolicLink(client.resolve("..data"), Path.of("..2"));
        keys.refresh();

        assertThat(keys.find("AK1")).contains(key("AK1", "new", Role.CLIENT, "orders"));
    }

    @Test
    void leavesOutWhatIsNotWhole() throws IOException {
        write("clients/empty", "AK1", "");
        write("clients/good", "AK2", "s2");
        Files.createDirectories(directory.resolve("clients/none"));

        AccessKeys keys = refreshed();

        assertThat(keys.find("AK1")).isEmpty();
        assertThat(keys.find("AK2")).isPresent();
    }

    @Test
    void forgetsWhatIsGone() throws IOException {
        write("clients/orders", "AK1", "s1");
        AccessKeyDirectory keys = refreshed();
        Files.delete(directory.resolve("clients/orders/accessKeyId"));

        keys.refresh();

        assertThat(keys.find("AK1")).isEmpty();
    }

    @Test
    void doesNotShowTheSecret() {
        assertThat(new AccessKey("AK1", "s1", Role.CLIENT))
                .hasToString("AccessKey[AK1 of AK1, CLIENT]");
    }

    @Test
    void readsThePolicyOfAKey() throws Exception {
        String policy =
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"kinesis:Get*\",\"Resource\":\"*\"}}";
        write("clients/reader", "AK1", "s1");
        Files.writeString(directory.resolve("clients/reader/policy"), policy);

        assertThat(refreshed().find("AK1").orElseThrow().policy())
                .isEqualTo(Policy.ofIdentity(policy));
    }

    @Test
    void aKeyWithABadPolicyIsNoKey() throws IOException {
        write("clients/reader", "AK1", "s1");
        Files.writeString(directory.resolve("clients/reader/policy"), "{}");

        assertThat(refreshed().find("AK1")).isEmpty();
    }

    private static AccessKey key(String id, String secret, Role role, String user) {
        return new AccessKey(id, secret, role, user, Policy.FULL_ACCESS);
    }

    private AccessKeyDirectory refreshed() {
        AccessKeyDirectory keys = new AccessKeyDirectory(directory, Duration.ofSeconds(2));
        keys.refresh();
        return keys;
    }

    private void write(String path, String id, String secret) throws IOException {
        Path parent = Files.createDirectories(directory.resolve(path));
        Files.writeString(parent.resolve("accessKeyId"), id + "\n");
        Files.writeString(parent.resolve("secretAccessKey"), secret);
    }

    private static void version(Path client, String name, String id, String secret)
            throws IOException {
        Path version = Files.createDirectories(client.resolve(name));
        Files.writeString(version.resolve("accessKeyId"), id);
        Files.writeString(version.resolve("secretAccessKey"), secret);
    }
}
