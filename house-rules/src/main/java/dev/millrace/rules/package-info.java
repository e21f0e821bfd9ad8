/** The rules of the code that a compiler cannot check. */
@NullMarked
package dev.millrace.rules;

import org.jspecify.annotations.NullMarked;
