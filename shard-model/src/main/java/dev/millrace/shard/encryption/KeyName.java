/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.shard.encryption;

import java.util.regex.Pattern;

/** What an encryption key is called where keys are kept: as the keys of a Secret may be. */
public record KeyName(String value) {

    private static final Pattern FORM = Pattern.compile("[-._a-zA-Z0-9]{1,200}");

    /**
     * @throws IllegalArgumentException if a Secret could not have such a key
     */
    public KeyName {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("Not the name of a key: '" + value + "'");
        }
    }

    /**
     * The name of a key that a request means: the id itself, or the end of a key's or an alias's
     * ARN. {@code alias/aws/kinesis} is {@code aws.kinesis}.
     *
     * @throws IllegalArgumentException if it has none of these forms
     */
    public static KeyName ofKeyId(String keyId) {
        String name = keyId.substring(keyId.lastIndexOf(':') + 1);
        for (String prefix : new String[] {"key/", "alias/"}) {
            if (name.startsWith(prefix)) {
                name = name.substring(prefix.length());
            }
        }
        return new KeyName(name.replace('/', '.'));
    }

    @Override
    public String toString() {
        return value;
    }
}
