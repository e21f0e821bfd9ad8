/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.record;

import dev.millrace.shard.StreamName;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Refuses all records while a broker's volume is nearly full, with the error that clients try again
 * after: a broker that really runs out of space dies, and nothing can be read any more.
 */
public final class VolumeGuard implements ShardAppender {

    private final ShardAppender appender;
    private final Supplier<Optional<String>> full;

    /**
     * @param full why there is no room, if there is none; asked for each request
     */
    public VolumeGuard(ShardAppender appender, Supplier<Optional<String>> full) {
        this.appender = appender;
        this.full = full;
    }

    @Override
    public Appends append(StreamName stream, List<NewRecord> records) {
        Optional<String> reason = full.get();
        if (reason.isEmpty()) {
            return appender.append(stream, records);
        }
        AppendResult refused = new AppendResult.Refused(Kind.INTERNAL_FAILURE, reason.get());
        Appends appends = new Appends(records.size());
        for (int i = 0; i < records.size(); i++) {
            appends.complete(i, refused);
        }
        return appends;
    }
}
