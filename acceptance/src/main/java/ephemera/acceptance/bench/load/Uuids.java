package ephemera.acceptance.bench.load;

import java.util.Arrays;

/** Reads a UUID from ASCII bytes without making a string. */
final class Uuids {
    /** The number of characters of a written UUID. */
    static final int LENGTH = 36;

    private static final byte[] NIBBLES = new byte[256];

    static {
        Arrays.fill(NIBBLES, (byte) -1);
        for (int digit = 0; digit < 16; digit++) {
            NIBBLES[Character.forDigit(digit, 16)] = (byte) digit;
            NIBBLES[Character.toUpperCase(Character.forDigit(digit, 16))] = (byte) digit;
        }
    }

    private Uuids() {
    }

    /** Says whether the bytes from {@code from} to {@code to} are one UUID. */
    static boolean isUuid(byte[] bytes, int from, int to) {
        if (to - from != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            byte b = bytes[from + i];
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? b != '-' : NIBBLES[b & 0xff] < 0) {
                return false;
            }
        }
        return true;
    }

    /** Gives the upper 64 bits of the UUID at {@code from}. */
    static long high(byte[] bytes, int from) {
        return hex(bytes, from, 8) << 32 | hex(bytes, from + 9, 4) << 16 | hex(bytes, from + 14, 4);
    }

    /** Gives the lower 64 bits of the UUID at {@code from}. */
    static long low(byte[] bytes, int from) {
        return hex(bytes, from + 19, 4) << 48 | hex(bytes, from + 24, 12);
    }

    /** Gives the value of {@code digits} hexadecimal digits; the result is meaningless where a byte is not one. */
    static long hex(byte[] bytes, int from, int digits) {
        long value = 0;
        for (int i = from; i < from + digits; i++) {
            value = (value << 4) | (NIBBLES[bytes[i] & 0xff] & 0xf);
        }
        return value;
    }
}
