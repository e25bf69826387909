package ephemera.server.store;

import ephemera.core.directory.AccessToken;
import ephemera.core.directory.AuthorizationCode;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.Fingerprint;
import ephemera.core.directory.Issue;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.RedirectUri;
import ephemera.core.directory.RefreshToken;
import ephemera.core.directory.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * The rows of tokens and codes, each statement on the transaction that it is given. What is good for one use is locked
 * when it is read, so that of two who use it at once the second finds it used. Stateless.
 */
final class TokenRows {

    private TokenRows() {}

    /** A row that is good for one use, and whether it was used. */
    record Once<T>(T row, boolean used) {}

    /**
     * Uses a row up: ends its family if it was used before, and otherwise adds what comes of it.
     *
     * @param ended gets the access tokens that end
     */
    static <T> Optional<Issue> use(
            Handle handle,
            Optional<Once<T>> found,
            Function<T, UUID> family,
            Runnable mark,
            Function<T, Optional<Issue>> next,
            List<Fingerprint> ended) {
        if (found.isEmpty()) {
            return Optional.empty();
        }
        T row = found.get().row();
        if (found.get().used()) {
            ended.addAll(endFamily(handle, family.apply(row)));
            return Optional.empty();
        }
        mark.run();
        Optional<Issue> issue = next.apply(row);
        issue.ifPresent(each -> {
            add(handle, each.access());
            each.refresh().ifPresent(refresh -> add(handle, refresh));
        });
        return issue;
    }

    /** Ends all tokens that go back to one consent; gives the access tokens. */
    static List<Fingerprint> endFamily(Handle handle, UUID family) {
        handle.createUpdate("DELETE FROM refresh_token WHERE family = :family").bind("family", family).execute();
        return tell(handle.createQuery(
                "DELETE FROM access_token WHERE family = :family RETURNING token_hash, person_id")
                .bind("family", family), handle);
    }

    /** Ends all tokens and codes of a client that is revoked, which whoever caches it is told. */
    static void forget(Handle handle, ClientId client) {
        handle.createUpdate("DELETE FROM authorization_code WHERE client_id = :id").bind("id", client.value())
                .execute();
        handle.createUpdate("DELETE FROM refresh_token WHERE client_id = :id").bind("id", client.value()).execute();
        handle.createUpdate("DELETE FROM access_token WHERE client_id = :id").bind("id", client.value()).execute();
    }

    /** Ends all tokens and codes with which applications act for a person. */
    static void forget(Handle handle, PersonId person) {
        handle.createUpdate("DELETE FROM authorization_code WHERE person_id = :id").bind("id", person.value())
                .execute();
        handle.createUpdate("DELETE FROM refresh_token WHERE person_id = :id").bind("id", person.value()).execute();
        tell(handle.createQuery(
                "DELETE FROM access_token WHERE person_id = :id RETURNING token_hash, person_id")
                .bind("id", person.value()), handle);
    }

    /** Ends an access token of a client; gives it, or nothing if there is no such one. */
    static List<Fingerprint> remove(Handle handle, Fingerprint hash, ClientId client) {
        return tell(handle.createQuery(
                """
                        DELETE FROM access_token WHERE token_hash = :hash AND client_id = :client
                        RETURNING token_hash, person_id
                        """)
                .bind("hash", hash.bytes())
                .bind("client", client.value()), handle);
    }

    private static List<Fingerprint> tell(Query deletion, Handle handle) {
        Map<Fingerprint, String> ended = new LinkedHashMap<>();
        deletion.map((row, _) -> ended.put(
                Fingerprint.of(row.getBytes("token_hash")), row.getString("person_id")))
                .list();
        ended.forEach(
                (hash, person) -> Notifications.tell(handle, Notifications.Topic.TOKEN, hash.hex() + " " + person));
        return List.copyOf(ended.keySet());
    }

    static Optional<AccessToken> access(Handle handle, Fingerprint hash) {
        return handle.createQuery(
                """
                        SELECT client_id, person_id, scope, family, expires_at FROM access_token
                         WHERE token_hash = :hash
                        """)
                .bind("hash", hash.bytes())
                .map((row, _) -> new AccessToken(
                        hash,
                        client(row),
                        person(row),
                        scope(row),
                        Optional.ofNullable(row.getObject("family", UUID.class)),
                        MessageRow.instant(row, "expires_at")))
                .findOne();
    }

    static Optional<Once<AuthorizationCode>> code(Handle handle, Fingerprint hash, ClientId client) {
        return handle.createQuery(
                """
                        SELECT client_id, person_id, scope, family, redirect, challenge, expires_at, used
                          FROM authorization_code WHERE code_hash = :hash AND client_id = :client FOR UPDATE
                        """)
                .bind("hash", hash.bytes())
                .bind("client", client.value())
                .map((row, _) -> new Once<>(
                        new AuthorizationCode(
                                hash,
                                client(row),
                                person(row),
                                scope(row),
                                row.getObject("family", UUID.class),
                                new RedirectUri(row.getString("redirect")),
                                row.getString("challenge"),
                                MessageRow.instant(row, "expires_at")),
                        row.getBoolean("used")))
                .findOne();
    }

    static Optional<Once<RefreshToken>> refresh(Handle handle, Fingerprint hash, ClientId client) {
        return handle.createQuery(
                """
                        SELECT client_id, person_id, scope, family, expires_at, used
                          FROM refresh_token WHERE token_hash = :hash AND client_id = :client FOR UPDATE
                        """)
                .bind("hash", hash.bytes())
                .bind("client", client.value())
                .map((row, _) -> new Once<>(
                        new RefreshToken(
                                hash,
                                client(row),
                                person(row),
                                scope(row),
                                row.getObject("family", UUID.class),
                                MessageRow.instant(row, "expires_at")),
                        row.getBoolean("used")))
                .findOne();
    }

    private static ClientId client(ResultSet row) throws SQLException {
        return new ClientId(row.getObject("client_id", UUID.class));
    }

    private static PersonId person(ResultSet row) throws SQLException {
        return new PersonId(row.getObject("person_id", UUID.class));
    }

    private static Scope scope(ResultSet row) throws SQLException {
        return Scope.valueOf(row.getString("scope"));
    }

    static void markCode(Handle handle, Fingerprint hash) {
        handle.createUpdate("UPDATE authorization_code SET used = true WHERE code_hash = :hash")
                .bind("hash", hash.bytes())
                .execute();
    }

    static void markRefresh(Handle handle, Fingerprint hash) {
        handle.createUpdate("UPDATE refresh_token SET used = true WHERE token_hash = :hash")
                .bind("hash", hash.bytes())
                .execute();
    }

    static int add(Handle handle, AccessToken token) {
        return bind(
                handle.createUpdate(
                        """
                                INSERT INTO access_token (token_hash, client_id, person_id, scope, family, expires_at)
                                VALUES (:hash, :client, :person, :scope, :family::uuid, :expires)
                                """),
                token.hash(), token.client(), token.person(), token.scope())
                .bind("family", token.family().orElse(null))
                .bind("expires", token.expiresAt().atOffset(ZoneOffset.UTC))
                .execute();
    }

    private static int add(Handle handle, RefreshToken token) {
        return bind(
                handle.createUpdate(
                        """
                                INSERT INTO refresh_token (token_hash, client_id, person_id, scope, family, expires_at)
                                VALUES (:hash, :client, :person, :scope, :family::uuid, :expires)
                                """),
                token.hash(), token.client(), token.person(), token.scope())
                .bind("family", token.family())
                .bind("expires", token.expiresAt().atOffset(ZoneOffset.UTC))
                .execute();
    }

    static int add(Handle handle, AuthorizationCode code) {
        return bind(
                handle.createUpdate(
                        """
                                INSERT INTO authorization_code
                                       (code_hash, client_id, person_id, scope, family, redirect, challenge, expires_at)
                                VALUES (:hash, :client, :person, :scope, :family, :redirect, :challenge, :expires)
                                """),
                code.hash(), code.client(), code.person(), code.scope())
                .bind("family", code.family())
                .bind("redirect", code.redirect().text())
                .bind("challenge", code.challenge())
                .bind("expires", code.expiresAt().atOffset(ZoneOffset.UTC))
                .execute();
    }

    private static <S extends SqlStatement<S>> S bind(
            S statement, Fingerprint hash, ClientId client, PersonId person, Scope scope) {
        return statement
                .bind("hash", hash.bytes())
                .bind("client", client.value())
                .bind("person", person.value())
                .bind("scope", scope.name());
    }

    /** Removes what expired more than a day ago: it is not told from what there never was any more. */
    static void sweep(Handle handle) {
        handle.execute("DELETE FROM access_token WHERE expires_at < now() - interval '1 day'");
        handle.execute("DELETE FROM refresh_token WHERE expires_at < now() - interval '1 day'");
        handle.execute("DELETE FROM authorization_code WHERE expires_at < now() - interval '1 day'");
    }
}
