/** A BrokerPool, and the objects that it is made of. */
@NullMarked
package dev.millrace.operator.pool;

import org.jspecify.annotations.NullMarked;
