/** The Stream resource. */
@NullMarked
package dev.millrace.crds.stream;

import org.jspecify.annotations.NullMarked;
