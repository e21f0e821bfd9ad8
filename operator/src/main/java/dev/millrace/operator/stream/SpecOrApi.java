/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.operator.stream;

import java.util.Optional;

/**
 * Who wins where the resource and the Kinesis API can both change a setting: whoever changed it
 * last. The gateway keeps no note of who that was, so {@code status.applied} does: the values of
 * spec that the operator last saw the gateway have.
 *
 * <ul>
 *   <li>Spec differs from what was applied: the user changed spec. It goes to the gateway, then
 *       into {@code status.applied}.
 *   <li>Spec is as applied, and the gateway has another value: the API changed it. It goes into
 *       spec, then into {@code status.applied}.
 * </ul>
 *
 * <p>In both cases the note is written last, so that the operator may die between any two writes.
 * Spec first, then a crash: the next one sees a spec that differs from what was applied, sends the
 * gateway the value that it already has, and writes the note. The other order would lose the
 * change: a note of the API's value beside the old spec reads as "the user set the old value", and
 * would undo what the API did.
 */
final class SpecOrApi {

    private SpecOrApi() {}

    /**
     * What is to be done.
     *
     * @param send what the gateway is to be told, in one ApplyStream; {@code status.applied} has
     *     these once the gateway took them
     * @param carryBack what the API changed: into spec, then into {@code status.applied}
     */
    record Decision(Settings send, Settings carryBack) {

        static final Decision NOTHING = new Decision(Settings.NONE, Settings.NONE);

        /** The same with a setting left as it is on either side. */
        Decision without(Setting setting) {
            return new Decision(send.without(setting), carryBack.without(setting));
        }

        /** What {@code status.applied} says once all of it is done. */
        Settings applied(Settings before) {
            return before.overlaidBy(send).overlaidBy(carryBack);
        }
    }

    /**
     * Decides for each setting by itself.
     *
     * @param spec all settings
     * @param applied what is known to have been applied: nothing for a new stream
     * @param target what the gateway has or is heading for; empty where it has no such stream, so
     *     that there all of spec is sent
     */
    static Decision decide(Settings spec, Settings applied, Optional<Settings> target) {
        Decision decision = Decision.NOTHING;
        for (Setting setting : Setting.values()) {
            int wanted =
                    spec.get(setting)
                            .orElseThrow(() ->
                                    new IllegalArgumentException("Spec has no " + setting.field()));
            boolean specChanged = !applied.get(setting).equals(Optional.of(wanted));
            if (specChanged || target.isEmpty()) {
                decision =
                        new Decision(decision.send().with(setting, wanted), decision.carryBack());
                continue;
            }
            int actual = target.get().get(setting).orElse(wanted);
            if (actual != wanted) {
                decision =
                        new Decision(decision.send(), decision.carryBack().with(setting, actual));
            }
        }
        return decision;
    }
}
