/** The operator's own settings. */
@NullMarked
package dev.millrace.operator.config;

import org.jspecify.annotations.NullMarked;
