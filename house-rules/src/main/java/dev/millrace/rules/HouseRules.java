/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

/**
 * Each module runs these through a test of its own:
 *
 * <pre>{@code
 * @AnalyzeClasses(packages = "dev.millrace.shard", importOptions = DoNotIncludeTests.class)
 * class ArchitectureTest {
 *     @ArchTest static final ArchTests house = ArchTests.in(HouseRules.class);
 * }
 * }</pre>
 */
public final class HouseRules {

    @ArchTest
    static final ArchRule noDumpingGrounds =
            noClasses()
                    .should()
                    .haveSimpleNameEndingWith("Utils")
                    .orShould()
                    .haveSimpleNameEndingWith("Util")
                    .orShould()
                    .haveSimpleNameEndingWith("Helper")
                    .orShould()
                    .haveSimpleNameEndingWith("Manager")
                    .because("a function lives on the type that it is about")
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule clocksAreInjected =
            noClasses()
                    .should()
                    .callMethod(Instant.class, "now")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(Clock.class, "systemDefaultZone")
                    .because("time is a constructor argument, so that tests can move it")
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule constructorsInject =
            noFields()
                    .should()
                    .beAnnotatedWith("jakarta.inject.Inject")
                    .because("dependencies come through constructors")
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packagesFormNoCycles =
            slices().matching("dev.millrace.(*).(**)")
                    .should()
                    .beFreeOfCycles()
                    .allowEmptyShould(true);

    private HouseRules() {}
}
