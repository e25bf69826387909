package ephemera.server.store;

import ephemera.core.vault.KeyStore;
import ephemera.server.keys.FileKeyStore;
import ephemera.server.keys.RootKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real key store in a folder that goes with the machine's temporary files. */
final class KeysOfTests {

    private KeysOfTests() {}

    /** A new, empty one. */
    static KeyStore open() {
        try {
            Path folder = Files.createTempDirectory("ephemera-keys");
            RootKey root = RootKey.ofFile(folder.resolve("root.key"), RootKey.IfMissing.CREATE);
            return FileKeyStore.open(folder.resolve("keys"), root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
