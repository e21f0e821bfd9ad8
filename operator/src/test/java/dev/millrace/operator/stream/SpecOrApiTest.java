/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.operator.stream.SpecOrApi.Decision;
import dev.millrace.shard.map.StreamMode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpecOrApiTest {

    private static final Settings SPEC = Settings.of(StreamMode.PROVISIONED, 4, 24, 1_024);

    @ParameterizedTest
    @EnumSource(Setting.class)
    void nothingToDoWhereAllThreeAgree(Setting setting) {
        assertThat(one(setting, 4, Optional.of(4), Optional.of(4))).isEqualTo(Decision.NOTHING);
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void aChangedSpecIsSentWhateverTheGatewayHas(Setting setting) {
        for (int target : new int[] {4, 5, 8}) {
            assertThat(one(setting, 8, Optional.of(4), Optional.of(target)))
                    .isEqualTo(new Decision(setTo(setting, 8), Settings.NONE));
        }
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void aSpecThatWasNeverAppliedIsSent(Setting setting) {
        assertThat(one(setting, 4, Optional.empty(), Optional.of(4)).send())
                .isEqualTo(setTo(setting, 4));
        assertThat(one(setting, 4, Optional.empty(), Optional.of(9)).send())
                .isEqualTo(setTo(setting, 4));
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void aChangeThroughTheApiIsCarriedBack(Setting setting) {
        assertThat(one(setting, 4, Optional.of(4), Optional.of(9)))
                .isEqualTo(new Decision(Settings.NONE, setTo(setting, 9)));
    }

    @Test
    void aStreamThatTheGatewayDoesNotHaveIsSentWhole() {
        assertThat(SpecOrApi.decide(SPEC, SPEC, Optional.empty()))
                .isEqualTo(new Decision(SPEC, Settings.NONE));
        assertThat(SpecOrApi.decide(SPEC, Settings.NONE, Optional.empty()))
                .isEqualTo(new Decision(SPEC, Settings.NONE));
    }

    /** Every combination of three values for spec, applied (or none) and target, per setting. */
    static Stream<Map<Setting, int[]>> combinations() {
        List<int[]> each =
                IntStream.range(0, 36).mapToObj(i -> new int[] {i % 3, i / 3 % 4, i / 12}).toList();
        return each.stream()
                .flatMap(a ->
                        each.stream()
                                .flatMap(b ->
                                        each.stream()
                                                .map(c ->
                                                        Map.of(
                                                                Setting.SHARD_COUNT,
                                                                a,
                                                                Setting.RETENTION_PERIOD_HOURS,
                                                                b,
                                                                Setting.MAX_RECORD_SIZE_KIB,
                                                                c))));
    }

    @Test
    void settingsDoNotInfluenceOneAnother() {
        combinations()
                .forEach(combination -> {
                    Decision decision = decide(combination);
                    combination.forEach((setting, v) -> {
                        boolean specChanged = v[1] == 3 || v[0] != v[1];
                        Optional<Integer> send = specChanged ? Optional.of(v[0]) : Optional.empty();
                        Optional<Integer> back =
                                !specChanged && v[2] != v[0] ? Optional.of(v[2]) : Optional.empty();
                        assertThat(decision.send().get(setting)).isEqualTo(send);
                        assertThat(decision.carryBack().get(setting)).isEqualTo(back);
                    });
                });
    }

    /** Whatever the start, one pass ends in agreement: nothing to do in the next. */
    @Test
    void oneWholePassSettlesIt() {
        combinations()
                .forEach(combination -> {
                    Decision decision = decide(combination);
                    Settings spec = spec(combination).overlaidBy(decision.carryBack());
                    Settings applied = decision.applied(applied(combination));
                    Settings target = target(combination).overlaidBy(decision.send());
                    assertThat(SpecOrApi.decide(spec, applied, Optional.of(target)))
                            .isEqualTo(Decision.NOTHING);
                });
    }

    /** A crash after any of the writes of a pass loses no change, whoever made it. */
    @Test
    void aCrashBetweenTheWritesLosesNothing() {
        combinations()
                .forEach(combination -> {
                    Decision decision = decide(combination);
                    Settings spec = spec(combination).overlaidBy(decision.carryBack());
                    Settings target = target(combination).overlaidBy(decision.send());
                    Settings wanted = spec;

                    // The gateway was told and spec was written; the note was not.
                    Settings note = applied(combination);
                    Decision next = SpecOrApi.decide(spec, note, Optional.of(target));

                    assertThat(next.carryBack()).isEqualTo(Settings.NONE);
                    assertThat(target.overlaidBy(next.send())).isEqualTo(wanted);
                });
    }

    /** Why the note comes last: the other order undoes what the API did. */
    @Test
    void theOtherOrderWouldUndoTheApisChange() {
        Settings target = SPEC.with(Setting.SHARD_COUNT, 9);
        Decision decision = SpecOrApi.decide(SPEC, SPEC, Optional.of(target));

        Settings noteFirst = decision.applied(SPEC);

        assertThat(SpecOrApi.decide(SPEC, noteFirst, Optional.of(target)).send())
                .isEqualTo(setTo(Setting.SHARD_COUNT, 4));
    }

    private static Decision one(
            Setting setting, int spec, Optional<Integer> applied, Optional<Integer> target) {
        Map<Setting, Integer> agreed = new EnumMap<>(SPEC.values());
        agreed.remove(setting);
        Settings others = new Settings(agreed);
        return SpecOrApi.decide(
                others.with(setting, spec),
                applied.map(value -> others.with(setting, value)).orElse(others),
                target.map(value -> others.with(setting, value)));
    }

    private static Settings setTo(Setting setting, int value) {
        return Settings.NONE.with(setting, value);
    }

    private static Decision decide(Map<Setting, int[]> combination) {
        return SpecOrApi.decide(
                spec(combination), applied(combination), Optional.of(target(combination)));
    }

    private static Settings spec(Map<Setting, int[]> combination) {
        return pick(combination, 0);
    }

    /** The fourth value stands for none. */
    private static Settings applied(Map<Setting, int[]> combination) {
        Settings some = Settings.NONE.with(Setting.MODE, 0);
        for (Map.Entry<Setting, int[]> entry : combination.entrySet()) {
            if (entry.getValue()[1] != 3) {
                some = some.with(entry.getKey(), entry.getValue()[1]);
            }
        }
        return some;
    }

    private static Settings target(Map<Setting, int[]> combination) {
        return pick(combination, 2);
    }

    private static Settings pick(Map<Setting, int[]> combination, int which) {
        Settings all = Settings.NONE.with(Setting.MODE, 0);
        for (Map.Entry<Setting, int[]> entry : combination.entrySet()) {
            all = all.with(entry.getKey(), entry.getValue()[which]);
        }
        return all;
    }
}
