/**
 * What is promised of records, checked: producers that write down every acknowledgement, a reader
 * of everything, and a checker that compares the two.
 */
@NullMarked
package dev.millrace.e2e.checker;

import org.jspecify.annotations.NullMarked;
