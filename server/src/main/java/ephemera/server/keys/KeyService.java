package ephemera.server.keys;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KmsClient;
import com.google.crypto.tink.KmsClients;
import ephemera.server.StartFailure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * A key management service that seals and opens the root key and never shows its own.
 *
 * <p>The client of a vendor is found by Tink: among those that were added to its registry, or among those that jars on
 * the class path announce.
 */
final class KeyService {

    private static final byte[] PURPOSE = "ephemera root key".getBytes(StandardCharsets.US_ASCII);

    private final String uri;
    private final Aead key;

    private KeyService(String uri, Aead key) {
        this.uri = uri;
        this.key = key;
    }

    static KeyService at(String uri, Optional<Path> credentials) {
        KmsClient client = client(uri);
        try {
            KmsClient known = credentials.isPresent()
                    ? client.withCredentials(credentials.get().toString())
                    : client.withDefaultCredentials();
            return new KeyService(uri, known.getAead(uri));
        } catch (GeneralSecurityException e) {
            throw new StartFailure(
                    "The key management service at " + uri + " does not accept us: check its credentials.", e);
        }
    }

    private static KmsClient client(String uri) {
        try {
            return KmsClients.get(uri);
        } catch (GeneralSecurityException _) {
            return ServiceLoader.load(KmsClient.class).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(client -> client.doesSupport(uri))
                    .findFirst()
                    .orElseThrow(() -> new StartFailure("There is no client for the key management service at " + uri
                            + ": put the vendor's Tink client and what it needs beside the server's libraries."));
        }
    }

    byte[] seal(byte[] plain) {
        try {
            return key.encrypt(plain, PURPOSE);
        } catch (GeneralSecurityException e) {
            throw new StartFailure("The key management service at " + uri + " does not seal the root key.", e);
        }
    }

    byte[] open(byte[] sealed) {
        try {
            return key.decrypt(sealed, PURPOSE);
        } catch (GeneralSecurityException e) {
            throw new StartFailure("The key management service at " + uri
                    + " does not open the root key: check that this is the key it was sealed with.", e);
        }
    }
}
