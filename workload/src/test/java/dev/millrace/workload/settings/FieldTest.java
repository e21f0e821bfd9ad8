/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.workload.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FieldTest {

    private static Field root(String json) throws JsonProcessingException {
        return new Field("", new ObjectMapper().readTree(json));
    }

    @Test
    void findsWhatIsThere() throws JsonProcessingException {
        Field s3 = root("{\"s3\": {\"bucket\": \"b\", \"size\": 5, \"raw\": true}}").get("s3");
        assertThat(s3.get("bucket").required()).isEqualTo("b");
        assertThat(s3.get("size").number(1, 1, 128)).isEqualTo(5);
        assertThat(s3.get("raw").flag(false)).isTrue();
    }

    @Test
    void takesNullForMissing() throws JsonProcessingException {
        Field field = root("{\"a\": null}").get("a");
        assertThat(field.isPresent()).isFalse();
        assertThat(field.text()).isEmpty();
        assertThat(field.number(7, 1, 9)).isEqualTo(7);
        assertThat(field.flag(true)).isTrue();
    }

    @Test
    void namesThePathOfWhatIsWrong() throws JsonProcessingException {
        Field hosts = root("{\"hosts\": [{\"port\": 1}, {\"port\": 70000}, {\"wait\": \"soon\"}]}");
        Field second = hosts.get("hosts").items().get(1);
        Field third = hosts.get("hosts").items().get(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> second.get("port").number(1, 1, 65_535))
                .withMessage("hosts[1].port: must be a number from 1 to 65535, not 70000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> second.get("name").required())
                .withMessage("hosts[1].name: is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> third.get("wait").map(Duration::parse))
                .withMessageStartingWith("hosts[2].wait: ");
    }
}
