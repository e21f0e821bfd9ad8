/** What the custom resources share. */
@NullMarked
package dev.millrace.crds;

import org.jspecify.annotations.NullMarked;
