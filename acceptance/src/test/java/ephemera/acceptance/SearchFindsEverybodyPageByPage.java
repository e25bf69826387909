package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Multipart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Section 3.23 of the contract: whom a search finds, how much at once, and whom it never shows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchFindsEverybodyPageByPage {
    private final Somebody person = Somebody.fresh();

    private JsonNode search(Map<String, ?> body) {
        return person.tiger().post("/v2/search", body).expect(200).reply();
    }

    @Test
    void everyResultComesOnceOverAllPages() {
        List<String> tokens = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Map<String, Object> body = new LinkedHashMap<>(Map.of("directory", List.of(TheServer.organization()), "type",
                List.of("account"), "results_format", "entities", "sort", List.of(), "include_disabled", false, "bool",
                Map.of("must", Map.of("display_name", "person PERSON"))));
        int pages = 0;
        int total;
        JsonNode continuation;
        do {
            JsonNode page = search(body);
            total = page.at("/metadata/total_hits").asInt();
            assertThat(page.at("/metadata/first_hit").asInt()).isEqualTo(tokens.size() + 1);
            page.path("results").forEach(result -> {
                tokens.add(result.at("/entity/token").asString());
                names.add(result.at("/entity/display_name").asString());
            });
            continuation = page.at("/metadata/continuation");
            body.put("continuation", continuation.asString(""));
            pages++;
        } while (!continuation.isNull());
        assertThat(pages).isGreaterThan(4);
        assertThat(tokens).hasSize(total).doesNotHaveDuplicates().contains(person.token());
        assertThat(names).isSortedAccordingTo(String.CASE_INSENSITIVE_ORDER);
    }

    @Test
    void oneIsFoundByNameAddressAndPart() {
        Somebody renamed = Somebody.fresh();
        String part = UUID.randomUUID().toString();
        String name = "Zoë O'Hara-" + part + " 100%_\\";
        Multipart parts = new Multipart().text("display_name", name);
        renamed.tiger().call("POST", "/v2/user/" + renamed.token() + "/settings", Map.of("Content-Type",
                parts.contentType()), parts.bytes()).expect(204);
        for (String wanted : List.of(name, part.substring(5), "zoë o'hara-" + part, part + " 100%_\\",
                renamed.email())) {
            assertThat(search(Map.of("bool", Map.of("must", Map.of("any", wanted)))).path("results").valueStream()
                    .map(result -> result.at("/entity/token").asString())).as(wanted).containsExactly(renamed.token());
        }
        for (String nobody : List.of("%" + part, part + "%", part.replace('-', '_'), "\u0001")) {
            assertThat(search(Map.of("display_name", nobody)).path("results")).as(nobody).isEmpty();
        }
    }

    @Test
    void otherOrganizationsAreNeverFound() {
        Somebody stranger = Somebody.stranger();
        String name = stranger.profile().path("display_name").asString();
        assertThat(search(Map.of("display_name", name)).path("results")).isEmpty();
        assertThat(search(Map.of("display_name", name, "directory", List.of(TheServer.foreignOrganization())))
                .path("results")).isEmpty();
        assertThat(stranger.tiger().post("/v2/search", Map.of("display_name", "person person")).expect(200).reply()
                .path("results")).isEmpty();
        String group = stranger.tiger().post("/v2/group", Map.of("name", "Their forum", "is_public", true)).expect(200)
                .groupToken();
        assertThat(search(Map.of("type", List.of("group", "public_group", "organization"), "name", "Their"))
                .path("results")).isEmpty();
        stranger.tiger().deleteGroup(group).expect(204);
    }

    @Test
    void groupsAreFoundByTheirMembersAndOrganizationsByTheirPeople() {
        Somebody member = Somebody.fresh();
        String name = "Heart " + UUID.randomUUID();
        String group = person.group(name, false, member);
        Map<String, Object> wanted = Map.of("type", List.of("group"), "name", name);
        JsonNode found = search(wanted).path("results");
        assertThat(found).hasSize(1);
        assertThat(found.path(0).path("type").asString()).isEqualTo("tigertext:entity:group");
        assertThat(found.path(0).at("/entity/token").asString()).isEqualTo(group);
        assertThat(Somebody.fresh().tiger().post("/v2/search", wanted).expect(200).reply().path("results")).isEmpty();
        JsonNode organization = search(Map.of("type", List.of("organization"), "name", "")).path("results");
        assertThat(organization).hasSize(1);
        assertThat(organization.at("/0/entity/token").asString()).isEqualTo(TheServer.organization());
        assertThat(search(Map.of("type", List.of("distribution_list"))).path("results")).isEmpty();
    }
}
