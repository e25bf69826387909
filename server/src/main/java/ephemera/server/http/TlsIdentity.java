package ephemera.server.http;

import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/**
 * The certificate and the key that the server shows, tried before it listens.
 *
 * <p>A key that is not the certificate's would start a server that no client can talk to.
 */
final class TlsIdentity {

    private static final String[] KEY_TYPES = {"RSA", "EC", "EdDSA", "RSASSA-PSS"};
    private static final byte[] SAMPLE = {1, 2, 3};

    private TlsIdentity() {}

    /**
     * Reads the two files.
     *
     * @throws StartFailure if they are no certificate and key, or do not belong together
     */
    static PemKeyCertOptions read(Vertx vertx, Config.Tls tls) {
        PemKeyCertOptions options = new PemKeyCertOptions()
                .setCertPath(tls.certificate().toString())
                .setKeyPath(tls.key().toString());
        boolean fits = false;
        try {
            for (KeyManager manager : options.getKeyManagerFactory(vertx).getKeyManagers()) {
                fits |= manager instanceof X509KeyManager keys && fits(keys);
            }
        } catch (Exception e) {
            throw new StartFailure("The certificate " + tls.certificate() + " and the key " + tls.key()
                    + " cannot be read (" + e.getMessage() + "): give PEM files as http.tls.certificate and"
                    + " http.tls.key, the key as unencrypted PKCS#8.", e);
        }
        if (!fits) {
            throw new StartFailure("The key " + tls.key() + " is not that of the certificate " + tls.certificate()
                    + ": give those that belong together as http.tls.certificate and http.tls.key.");
        }
        return options;
    }

    private static boolean fits(X509KeyManager keys) throws GeneralSecurityException {
        for (String type : KEY_TYPES) {
            String[] names = keys.getServerAliases(type, null);
            if (names != null && fits(keys.getPrivateKey(names[0]), keys.getCertificateChain(names[0])[0])) {
                return true;
            }
        }
        return false;
    }

    /** Whether the certificate verifies what the key signs; with RSA a number that both have tells it. */
    private static boolean fits(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        PublicKey shown = certificate.getPublicKey();
        if (key instanceof RSAKey mine) {
            return shown instanceof RSAKey theirs && mine.getModulus().equals(theirs.getModulus());
        }
        if (!key.getAlgorithm().equals(shown.getAlgorithm())) {
            return false;
        }
        Signature signature =
                Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : key.getAlgorithm());
        signature.initSign(key);
        signature.update(SAMPLE);
        byte[] signed = signature.sign();
        signature.initVerify(certificate);
        signature.update(SAMPLE);
        return signature.verify(signed);
    }
}
