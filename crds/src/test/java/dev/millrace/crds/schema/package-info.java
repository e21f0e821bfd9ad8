/** Generates the definitions of the custom resources from their records. */
@NullMarked
package dev.millrace.crds.schema;

import org.jspecify.annotations.NullMarked;
