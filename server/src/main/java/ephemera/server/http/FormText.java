package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.Refused;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code application/x-www-form-urlencoded}, the form of forms and of queries.
 *
 * <p>Reading refuses what cannot be decoded, instead of guessing: broken escapes, and bytes that are not UTF-8.
 */
final class FormText {

    private static final int MOST_FIELDS = 20_000;

    private FormText() {}

    /**
     * The values of each name, in order; a name without an equals sign has an empty value.
     *
     * @throws Refused with {@code MALFORMED} if it cannot be decoded, {@code INVALID} if it has more than
     *     {@value #MOST_FIELDS} fields
     */
    static Map<String, List<String>> read(byte[] text) {
        Map<String, List<String>> fields = new HashMap<>();
        int count = 0;
        for (int from = 0; from < text.length;) {
            int to = indexOf('&', text, from, text.length);
            int equals = indexOf('=', text, from, to);
            String name = decode(text, from, equals);
            if (!name.isEmpty()) {
                String value = equals < to ? decode(text, equals + 1, to) : "";
                fields.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
                if (++count > MOST_FIELDS) {
                    throw Failure.INVALID.refused("A form or query has at most " + MOST_FIELDS + " fields.");
                }
            }
            from = to + 1;
        }
        return fields;
    }

    /** Where the character is, or the end if it is not there. */
    private static int indexOf(char wanted, byte[] text, int from, int to) {
        int at = from;
        while (at < to && text[at] != wanted) {
            at++;
        }
        return at;
    }

    private static String decode(byte[] text, int from, int to) {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(to - from);
        for (int i = from; i < to; i++) {
            if (text[i] == '%') {
                decoded.write(hexadecimal(text, i + 1, to) << 4 | hexadecimal(text, i + 2, to));
                i += 2;
            } else {
                decoded.write(text[i] == '+' ? ' ' : text[i]);
            }
        }
        return JsonText.utf8(decoded.toByteArray());
    }

    private static int hexadecimal(byte[] text, int at, int to) {
        int digit = at < to ? Character.digit((char) (text[at] & 0xff), 16) : -1;
        if (digit < 0) {
            throw Failure.MALFORMED.refused("A form or query cannot be decoded.");
        }
        return digit;
    }
}
