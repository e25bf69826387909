package ephemera.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KmsClients;
import ephemera.server.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootKeyComesFromWhereItIsKept {

    @TempDir
    Path folder;

    @BeforeAll
    static void install() {
        KmsClients.add(new ServiceInThisProcess("test-kms://"));
    }

    @Test
    void theFirstStartMakesAFileAndItsFolder() throws IOException {
        Path file = folder.resolve("keys/root.key");
        RootKey made = RootKey.ofFile(file, RootKey.IfMissing.CREATE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(Base64.getDecoder().decode(Files.readString(file).strip())).hasSize(32);
        assertThat(RootKey.ofFile(file, RootKey.IfMissing.STORE_NEEDS_IT).id()).isEqualTo(made.id());
        assertThat(RootKey.ofEnvironment("KEY", Files.readString(file)).id()).isEqualTo(made.id());
        assertThat(made).hasToString("***");
    }

    @Test
    void aLostFileIsNeverMadeAnew() {
        Path file = folder.resolve("root.key");
        assertThatThrownBy(() -> RootKey.ofFile(file, RootKey.IfMissing.STORE_NEEDS_IT))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("put the file back from its backup");
        assertThatThrownBy(() -> RootKey.ofFile(file, RootKey.IfMissing.OPERATOR_MAKES_IT))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("openssl rand -base64 32");
        assertThat(file).doesNotExist();
    }

    @Test
    void whatIsNoKeyIsRefusedWithoutBeingShown() throws IOException {
        assertThatThrownBy(() -> RootKey.ofEnvironment("KEY", "not Base64!"))
                .isInstanceOf(StartFailure.class)
                .hasMessage("The environment variable KEY does not hold a root key: it is not Base64.");
        assertThatThrownBy(() -> RootKey.ofEnvironment("KEY", "c2VjcmV0"))
                .isInstanceOf(StartFailure.class)
                .hasMessage("The environment variable KEY does not hold a root key: it has 6 bytes instead of 32.");
        Path file = Files.writeString(folder.resolve("root.key"), "");
        assertThatThrownBy(() -> RootKey.ofFile(file, RootKey.IfMissing.CREATE)).isInstanceOf(StartFailure.class);
    }

    @Test
    void aServiceSealsWhatIsInTheFile() throws IOException {
        Path file = folder.resolve("root.sealed");
        RootKey made = RootKey.ofService("test-kms://a", file, Optional.empty(), RootKey.IfMissing.CREATE);
        assertThat(Base64.getDecoder().decode(Files.readString(file).strip())).hasSize(48);
        RootKey opened = RootKey.ofService("test-kms://a", file, Optional.empty(), RootKey.IfMissing.STORE_NEEDS_IT);
        assertThat(opened.id()).isEqualTo(made.id());
        assertThatThrownBy(() -> RootKey.ofFile(file, RootKey.IfMissing.STORE_NEEDS_IT))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("configure that service with vault.root.kms");
        Path plain = Files.writeString(folder.resolve("root.key"), Roots.text(1));
        assertThatThrownBy(() -> RootKey.ofService(
                "test-kms://a", plain, Optional.empty(), RootKey.IfMissing.STORE_NEEDS_IT))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("configure it without vault.root.kms");
        assertThatThrownBy(() -> RootKey.ofService(
                "test-kms://b", file, Optional.empty(), RootKey.IfMissing.STORE_NEEDS_IT))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("does not open the root key");
    }

    @Test
    void aClientThatAJarAnnouncesIsFound() {
        Path file = folder.resolve("root.sealed");
        String uri = ServiceInThisProcess.ANNOUNCED + "a";
        RootKey made = RootKey.ofService(uri, file, Optional.empty(), RootKey.IfMissing.CREATE);
        RootKey opened = RootKey.ofService(uri, file, Optional.empty(), RootKey.IfMissing.STORE_NEEDS_IT);
        assertThat(opened.id()).isEqualTo(made.id());
    }

    @Test
    void aServiceThatIsNotThereOrRefusesEndsTheStart() {
        Path file = folder.resolve("root.sealed");
        assertThatThrownBy(() -> RootKey.ofService(
                "unknown-kms://a", file, Optional.empty(), RootKey.IfMissing.CREATE))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("put the vendor's Tink client");
        assertThatThrownBy(() -> RootKey.ofService(
                "test-kms://a", file, Optional.of(folder.resolve("none")), RootKey.IfMissing.CREATE))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("check its credentials");
        assertThat(file).doesNotExist();
    }

    @Test
    void anEmptyFolderNeedsNoKeyYet() {
        Path keys = folder.resolve("keys");
        assertThat(FileKeyStore.isEmpty(keys)).isTrue();
        FileKeyStore store = FileKeyStore.open(keys, Roots.ONE, Steps.NONE, 4096);
        assertThat(FileKeyStore.isEmpty(keys)).isTrue();
        store.secret("signing-key", () -> new byte[1]);
        assertThat(FileKeyStore.isEmpty(keys)).isFalse();
    }
}
