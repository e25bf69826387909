package ephemera.server.keys;

import ephemera.core.vault.KeyStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class KeysInAFolderKeepTheContract extends KeyStoreContract {

    @TempDir
    Path folder;

    private int empty;

    @Override
    KeyStore open(RootKey root) {
        return FileKeyStore.open(folder.resolve("keys"), root, Steps.NONE, 4096);
    }

    @Override
    RootKeyChange change() {
        return new RootKeyChange(
                root -> FileKeyStore.openForChange(folder.resolve("keys"), root, Steps.NONE, 4096), Steps.NONE);
    }

    @Override
    KeyStore openEmpty(RootKey root) {
        return FileKeyStore.open(folder.resolve("empty" + empty++), root, Steps.NONE, 4096);
    }
}
