/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.broker.policy.Policy.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {

    private static final String ORDERS = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
    private static final String USER = "arn:aws:iam::000000000000:user/ann";

    @ParameterizedTest
    @CsvSource({
        "kinesis:PutRecord, kinesis:PutRecord, ALLOWS",
        "kinesis:putrecord, kinesis:PutRecord, ALLOWS",
        "kinesis:PutRecord, kinesis:PutRecords, SAYS_NOTHING",
        "kinesis:Put*, kinesis:PutRecords, ALLOWS",
        "kinesis:*, kinesis:PutRecords, ALLOWS",
        "*, kinesis:PutRecords, ALLOWS",
        "kinesis:PutRecord?, kinesis:PutRecords, ALLOWS",
        "kinesis:Get*, kinesis:PutRecords, SAYS_NOTHING",
    })
    void actionsMatchByWildcard(String pattern, String action, Verdict verdict) throws Exception {
        Policy policy =
                Policy.ofIdentity(
                        "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"%s\",\"Resource\":\"*\"}}"
                                .formatted(pattern));

        assertThat(policy.judge(new Access(USER, "000000000000", action, ORDERS)))
                .isEqualTo(verdict);
    }

    @Test
    void aDenialOutweighsAnyNumberOfPermissions() throws Exception {
        Policy policy =
                Policy.ofIdentity(
                        """
                        {"Statement": [
                          {"Effect": "Allow", "Action": "*", "Resource": "*"},
                          {"Effect": "Deny", "Action": "kinesis:Delete*", "NotResource": "*/scratch-*"}]}
                        """);

        assertThat(policy.judge(access("kinesis:DeleteStream", ORDERS))).isEqualTo(Verdict.DENIES);
        assertThat(policy.judge(access("kinesis:DeleteStream", "a/scratch-1")))
                .isEqualTo(Verdict.ALLOWS);
    }

    @Test
    void notActionMeansAllOthers() throws Exception {
        Policy policy =
                Policy.ofIdentity(
                        "{\"Statement\":[{\"Effect\":\"Allow\",\"NotAction\":[\"kinesis:Delete*\"],\"Resource\":\"*\"}]}");

        assertThat(policy.judge(access("kinesis:PutRecord", ORDERS))).isEqualTo(Verdict.ALLOWS);
        assertThat(policy.judge(access("kinesis:DeleteStream", ORDERS)))
                .isEqualTo(Verdict.SAYS_NOTHING);
    }

    @ParameterizedTest
    @CsvSource({
        "*, ALLOWS",
        "000000000000, ALLOWS",
        "arn:aws:iam::000000000000:root, ALLOWS",
        "arn:aws:iam::000000000000:user/ann, ALLOWS",
        "arn:aws:iam::000000000000:user/bob, SAYS_NOTHING",
        "111111111111, SAYS_NOTHING",
    })
    void principalsAreUsersOrWholeAccounts(String principal, Verdict verdict) throws Exception {
        Policy policy =
                Policy.ofResource(
                        "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"%s\"]},\"Action\":\"*\"}}"
                                .formatted(principal));

        assertThat(policy.judge(access("kinesis:PutRecord", ORDERS))).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[] | it is no JSON object",
                "{ | it is no JSON: ",
                "{\"Statement\":[]} | it has no Statement",
                "{\"Statement\":1} | statement 1 is no object",
                "{\"Version\":\"2020\",\"Statement\":{}} | Version is 2012-10-17 or 2008-10-17, not \"2020\"",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\"}} | statement 1 has no Resource",
                "{\"Statement\":{\"Effect\":\"Maybe\",\"Action\":\"*\",\"Resource\":\"*\"}} | statement 1: Effect is Allow or Deny",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[],\"Resource\":\"*\"}} | statement 1: Action is empty",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotAction\":\"*\",\"Resource\":\"*\"}} | statement 1 has both Action and NotAction",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{}}} | statement 1 has the field Condition, which is not supported",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Principal\":\"*\"}} | statement 1 has a Principal, which is for policies of streams",
            })
    void saysWhatIsMalformed(String document, String problem) {
        assertThatThrownBy(() -> Policy.ofIdentity(document))
                .isInstanceOf(MalformedPolicyException.class)
                .hasMessageStartingWith(problem);
    }

    @Test
    void aPolicyOfAStreamNamesPrincipals() {
        assertThatThrownBy(() ->
                        Policy.ofResource(
                                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\"}}"))
                .hasMessage("statement 1 has no Principal");
    }

    @ParameterizedTest
    @CsvSource({
        "a*c, abc, true", "a*c, ac, true", "a*c, acb, false", "*a*a*, banana, true",
        "a?, a, false", "a?, ab, true", "**, '', true", "a*b*c, a-b-b-c, true",
    })
    void wildcards(String pattern, String text, boolean matches) {
        assertThat(new Wildcard(pattern).matches(text)).isEqualTo(matches);
    }

    private static Access access(String action, String resource) {
        return new Access(USER, "000000000000", action, resource);
    }
}
