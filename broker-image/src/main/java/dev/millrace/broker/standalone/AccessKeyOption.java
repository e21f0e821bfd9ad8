/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.broker.standalone;

import dev.millrace.broker.access.AccessKey;
import dev.millrace.broker.access.Role;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an access key given as {@code ID:SECRET}. */
final class AccessKeyOption implements ITypeConverter<AccessKey> {

    @Override
    public AccessKey convert(String text) {
        int colon = text.indexOf(':');
        if (colon < 1 || colon == text.length() - 1) {
            // Without the text: it may hold a secret.
            throw new TypeConversionException("an access key is given as ID:SECRET");
        }
        return new AccessKey(text.substring(0, colon), text.substring(colon + 1), Role.CLIENT);
    }
}
