/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HashKeyTest {

    @Test
    void isTheMd5OfThePartitionKey() throws Exception {
        for (String key : new String[] {"", "a", "customer-7", "schl\u00fcssel \ud83d\ude00"}) {
            byte[] digest =
                    MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8));
            assertThat(HashKey.ofPartitionKey(key).toBigInteger())
                    .isEqualTo(new BigInteger(1, digest));
        }
    }

    @Test
    void ordersAsUnsignedNumbers() {
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            BigInteger one = new BigInteger(128, random);
            BigInteger other = new BigInteger(128, random);
            assertThat(Integer.signum(HashKey.of(one).compareTo(HashKey.of(other))))
                    .isEqualTo(one.compareTo(other));
            assertThat(HashKey.parse(one.toString()))
                    .isEqualTo(HashKey.of(one))
                    .hasToString(one.toString());
        }
    }

    @Test
    void refusesWhatIsOutsideOfTheSpace() {
        String tooLarge = BigInteger.ONE.shiftLeft(128).toString();
        for (String text : new String[] {"", "-1", "+1", "1.5", "x", tooLarge, "9".repeat(60)}) {
            assertThatThrownBy(() -> HashKey.parse(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(HashKey.MAX::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(HashKey.MIN::previous).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void carriesOverTheMiddle() {
        HashKey low = new HashKey(7, -1);
        assertThat(low.next()).isEqualTo(new HashKey(8, 0));
        assertThat(low.next().previous()).isEqualTo(low);
    }
}
