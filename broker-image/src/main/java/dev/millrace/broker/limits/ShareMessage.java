/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.limits;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.shard.GatewayId;
import java.util.List;

/** What gateways tell each other about their parts of limits. Any of them may be lost. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "message")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ShareMessage.Hello.class, name = "hello"),
    @JsonSubTypes.Type(value = ShareMessage.Counted.class, name = "counted"),
    @JsonSubTypes.Type(value = ShareMessage.Ask.class, name = "ask"),
    @JsonSubTypes.Type(value = ShareMessage.Lend.class, name = "lend")
})
sealed interface ShareMessage {

    GatewayId from();

    /** A gateway is new and has no part yet. */
    record Hello(GatewayId from) implements ShareMessage {}

    /** The sender counts the new one: from now on its own parts are smaller. */
    record Counted(GatewayId from, GatewayId counted) implements ShareMessage {}

    /**
     * The sender has use for more.
     *
     * @param number counts up
     */
    record Ask(GatewayId from, long number, List<Want> wants) implements ShareMessage {
        public Ask {
            wants = List.copyOf(wants);
        }
    }

    /**
     * @param part how much more of the limit it has use for, 1 being all of it
     */
    record Want(ShareKey key, double part) {}

    /**
     * The answer to an ask, with a loan for each of its wants, be it of nothing. The loans hold for
     * {@link Shares#LOAN} from when the ask was <em>sent</em>; who lends counts from when it
     * received it, which is later, so that nobody's clock matters.
     */
    record Lend(GatewayId from, GatewayId to, long number, List<Loan> loans)
            implements ShareMessage {
        public Lend {
            loans = List.copyOf(loans);
        }
    }

    /**
     * @param part of the limit
     * @param bytes what had been saved up for that part
     * @param count the same
     */
    record Loan(ShareKey key, double part, double bytes, double count) {}
}
