/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.workload;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.millrace.rules.HouseRules;

@AnalyzeClasses(packages = "dev.millrace.workload", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest static final ArchTests house = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule itKnowsNeitherShardsNorBrokers =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.millrace.shard..", "org.apache.kafka..", "io.fabric8..");
}
