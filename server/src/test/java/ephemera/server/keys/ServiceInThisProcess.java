package ephemera.server.keys;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KmsClient;
import ephemera.core.vault.Seal;
import java.security.GeneralSecurityException;

/** A key management service in this process; its keys are told apart by the last letter of the address. */
public final class ServiceInThisProcess implements KmsClient {

    static final String ANNOUNCED = "announced-kms://";

    private final String scheme;

    /** The one that is announced on the class path of the tests. */
    public ServiceInThisProcess() {
        this(ANNOUNCED);
    }

    ServiceInThisProcess(String scheme) {
        this.scheme = scheme;
    }

    @Override
    public boolean doesSupport(String uri) {
        return uri.startsWith(scheme);
    }

    @Override
    public KmsClient withCredentials(String path) throws GeneralSecurityException {
        throw new GeneralSecurityException("no such credentials");
    }

    @Override
    public KmsClient withDefaultCredentials() {
        return this;
    }

    @Override
    public Aead getAead(String uri) {
        byte[] key = new byte[Seal.KEY];
        key[0] = (byte) uri.charAt(uri.length() - 1);
        return new Aead() {
            @Override
            public byte[] encrypt(byte[] plain, byte[] associated) {
                return Seal.seal(key, plain, associated);
            }

            @Override
            public byte[] decrypt(byte[] sealed, byte[] associated) throws GeneralSecurityException {
                return Seal.open(key, sealed, associated)
                        .orElseThrow(() -> new GeneralSecurityException("not sealed with this key"));
            }
        };
    }
}
