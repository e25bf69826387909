package ephemera.acceptance.vanishing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of a server's keys, as somebody sees it who cannot open them: a folder for each slice, in it a file for
 * each tree of keys. A tree that lost a key is another file. Thread-safe.
 *
 * @param folder where it is
 */
record KeyFolder(Path folder) {
    private static final int SLICE_BITS = 36;

    /** The keys in a data folder. */
    static KeyFolder in(Path data) {
        return new KeyFolder(data.resolve("keys"));
    }

    /** The name of the folder with the key of a message: its id tells the slice, after two bits of its second half. */
    static String slice(Letter letter) {
        long half = UUID.fromString(letter.id()).getLeastSignificantBits();
        return HexFormat.of().toHexDigits(half << 2 >>> (Long.SIZE - SLICE_BITS), SLICE_BITS / 4);
    }

    /** The slices that have keys. */
    Set<String> slices() {
        return children(folder).stream().map(each -> each.getFileName().toString())
                .filter(name -> name.matches("[0-9a-f]{9}")).collect(Collectors.toSet());
    }

    /** The trees of a message's slice, each by name and digest. */
    Set<String> trees(Letter letter) {
        Set<String> found = new HashSet<>();
        for (Path file : children(folder.resolve(slice(letter)))) {
            try {
                found.add(file.getFileName() + " " + digest(Files.readAllBytes(file)));
            } catch (NoSuchFileException _) {
                // It was replaced just now.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is in a folder; nothing if there is none. */
    static List<Path> children(Path parent) {
        try (Stream<Path> all = Files.list(parent)) {
            return all.toList();
        } catch (NoSuchFileException _) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
