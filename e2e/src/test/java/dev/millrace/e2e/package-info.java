/** What a user sees, on a real cluster, through the clients that a user has. */
@NullMarked
package dev.millrace.e2e;

import org.jspecify.annotations.NullMarked;
