/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.matrix;

import dev.millrace.delivery.testing.S3Server;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds records again by their ids. */
final class Ids {

    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");
    private static final Pattern RAW = Pattern.compile("\"rawData\":\"([^\"]+)\"");

    private Ids() {}

    /** All ids of a text. */
    static List<Long> in(String text) {
        List<Long> ids = new ArrayList<>();
        Matcher matcher = ID.matcher(text);
        while (matcher.find()) {
            ids.add(Long.valueOf(matcher.group(1)));
        }
        return ids;
    }

    /** The ids of records in lines of errors. */
    static List<Long> inErrors(S3Server s3, String bucket) {
        List<Long> ids = new ArrayList<>();
        for (byte[] object : s3.objects(bucket, "failed/").values()) {
            Matcher raw = RAW.matcher(new String(object, StandardCharsets.UTF_8));
            while (raw.find()) {
                byte[] record = Base64.getDecoder().decode(raw.group(1));
                ids.addAll(in(new String(record, StandardCharsets.UTF_8)));
            }
        }
        return ids;
    }
}
