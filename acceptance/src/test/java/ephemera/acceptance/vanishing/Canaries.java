package ephemera.acceptance.vanishing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Random texts that stand in messages and nowhere else, and the search for them in every byte of every file.
 *
 * <p>Each is looked for as it is, in UTF-16, in hexadecimal digits and in Base64, wherever it begins. Thread-safe.
 */
final class Canaries {
    private static final int LENGTH = 24;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
    /** Of 64 bits of a product, those that make a place in the filter. */
    private static final int SHIFT = 64 - 24;

    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Map<Long, List<byte[]>> forms = new HashMap<>();
    /** Where no form begins, which is almost everywhere, is seen here without looking further. */
    private final BitSet filter = new BitSet(1 << 24);
    private int count;

    /** Makes one. */
    synchronized String fresh() {
        StringBuilder text = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        byte[] plain = text.toString().getBytes(StandardCharsets.US_ASCII);
        add(plain);
        add(text.toString().getBytes(StandardCharsets.UTF_16LE));
        add(text.toString().getBytes(StandardCharsets.UTF_16BE));
        add(ascii(HexFormat.of().formatHex(plain)));
        add(ascii(HexFormat.of().withUpperCase().formatHex(plain)));
        for (int before = 0; before < 3; before++) {
            // Without the ends, which depend on what stands beside it.
            byte[] shifted = new byte[before + LENGTH];
            System.arraycopy(plain, 0, shifted, before, LENGTH);
            String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            add(ascii(encoded.substring(before == 0 ? 0 : before + 1, encoded.length() - 1)));
        }
        count++;
        return text.toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void add(byte[] form) {
        long begin = ByteBuffer.wrap(form).getLong();
        forms.computeIfAbsent(begin, _ -> new ArrayList<>()).add(form);
        filter.set(place(begin));
    }

    private static int place(long begin) {
        return (int) ((begin * 0x9E3779B97F4A7C15L) >>> SHIFT);
    }

    /** How many there are. */
    synchronized int count() {
        return count;
    }

    /** The files below a folder that hold one of them in any form, or in their name; what disappears is passed over. */
    synchronized List<String> in(Path folder) {
        List<String> found = new ArrayList<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile() && (holdsOne(file.toString().getBytes(StandardCharsets.UTF_8))
                            || holdsOne(Files.readAllBytes(file)))) {
                        found.add(file.toString());
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }
            });
        } catch (NoSuchFileException _) {
            // It went while it was read, and the walk with it.
            return in(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private boolean holdsOne(byte[] bytes) {
        long window = 0;
        for (int i = 0; i < bytes.length; i++) {
            window = (window << 8) | (bytes[i] & 0xff);
            if (filter.get(place(window)) && holdsOneAt(bytes, i - Long.BYTES + 1, window)) {
                return true;
            }
        }
        return false;
    }

    private boolean holdsOneAt(byte[] bytes, int start, long window) {
        return start >= 0 && forms.getOrDefault(window, List.of()).stream().anyMatch(form -> start
                + form.length <= bytes.length
                && Arrays.equals(bytes, start, start + form.length, form, 0, form.length));
    }
}
