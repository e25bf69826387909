package ephemera.acceptance;

import ephemera.acceptance.client.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the server wrote to {@code demo.json}: an organization and members who can sign in.
 *
 * @param url the server's address
 * @param organization the organization's token
 * @param organizationName the organization's name
 * @param members the members, in the order of the file
 */
public record Demo(URI url, String organization, String organizationName, List<Member> members) {
    /**
     * One member of the demo organization.
     *
     * @param name the display name
     * @param email the e-mail address, which is also the login
     * @param password the password; never printed
     * @param credentials token, API key and secret
     */
    public record Member(String name, String email, String password, Credentials credentials) {
        /** Gives the member's token. */
        public String token() {
            return credentials.token();
        }

        @Override
        public String toString() {
            return "Member[name=" + name + ", token=" + token() + "]";
        }
    }

    /** Reads {@code demo.json} in a data folder. */
    public static Demo in(Path data) {
        try {
            JsonNode file = JsonMapper.builder().build().readTree(Files.readString(data.resolve("demo.json")));
            JsonNode organization = file.required("organization");
            List<Member> members = file.required("members").valueStream().map(member -> new Member(
                    text(member, "name"), text(member, "email"), text(member, "password"),
                    new Credentials(text(member, "token"), text(member, "key"), text(member, "secret")))).toList();
            return new Demo(URI.create(text(file, "url")), text(organization, "token"), text(organization, "name"),
                    members);
        } catch (IOException e) {
            throw new UncheckedIOException("The server wrote no readable demo.json", e);
        }
    }

    private static String text(JsonNode object, String field) {
        return object.required(field).asString();
    }
}
