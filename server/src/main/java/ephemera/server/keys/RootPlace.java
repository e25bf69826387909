package ephemera.server.keys;

import java.nio.file.Path;
import java.util.Optional;

/** Where a root key is. */
public sealed interface RootPlace {

    /**
     * In a file.
     *
     * @param file the file
     * @param service what has sealed it there; empty if it is there as it is
     * @param ours whether the server made the file, and not the operator
     */
    record InFile(Path file, Optional<Service> service, boolean ours) implements RootPlace {

        Optional<RootKey> find() {
            return RootKey.find(file, keyService());
        }

        Optional<RootKey> find(Path other) {
            return RootKey.find(other, keyService());
        }

        RootKey make(Path other) {
            return RootKey.make(other, keyService());
        }

        private Optional<KeyService> keyService() {
            return service.map(address -> KeyService.at(address.uri(), address.credentials()));
        }
    }

    /** With somebody who gives it at each start. */
    record Given(RootKey key) implements RootPlace {}

    /**
     * A key management service.
     *
     * @param uri its key, as its Tink client understands it
     * @param credentials a file as the client wants it; empty for what it finds by itself
     */
    record Service(String uri, Optional<Path> credentials) {}
}
