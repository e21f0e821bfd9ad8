/** The BrokerPool resource. */
@NullMarked
package dev.millrace.crds.pool;

import org.jspecify.annotations.NullMarked;
