/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.wire;

import java.io.IOException;

/**
 * An answer that goes on: events one by one, in the form {@code
 * application/vnd.amazon.eventstream}. It runs in the thread of its request and may block there.
 */
public non-sealed interface EventStream extends Reply {

    /**
     * Sends events until there are no more; the stream ends in order when this returns.
     *
     * @throws AwsException for an error that the caller is told as the last event
     */
    void run(Events events) throws IOException, InterruptedException;

    /** Called when it is over, also if it never ran because the client went away. */
    @Override
    void close();

    /** Where the events go. */
    interface Events {

        /**
         * Sends one event and waits until the client takes it, or until the connection has been
         * silent for too long.
         *
         * @param type the name that the event has in the API
         * @param bytesExpected roughly how large it is going to be, in the protocol of the request
         */
        void send(String type, int bytesExpected, Answer event) throws IOException;
    }
}
