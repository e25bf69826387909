package ephemera.server;

import ephemera.server.Scene.About;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What one call answers to each asker.
 *
 * @param method of the route
 * @param template of the route
 * @param about what the call is about
 * @param query what follows the path, with tokens in braces, or empty text
 * @param headers further headers as name and value in turn, with tokens in braces
 * @param json the body, with tokens in braces, or empty text
 * @param signing how the asker signs the call
 * @param answers the expected status of each asker
 * @param changing who changes something by it
 * @param isOpen whether everybody may see what it is about, whoever they are
 */
record AuthorizationRow(
        String method,
        String template,
        About about,
        String query,
        List<String> headers,
        String json,
        BiFunction<Asker, Request, Request> signing,
        Map<Asker, Integer> answers,
        Set<Asker> changing,
        boolean isOpen) {

    /** Begins a row. */
    static AuthorizationRow row(String method, String template, About about) {
        return new AuthorizationRow(
                method, template, about, "", List.of(), "", Asker::sign, Map.of(), Set.of(), false);
    }

    /** The row with a query. */
    AuthorizationRow query(String query) {
        return new AuthorizationRow(method, template, about, query, headers, json, signing, answers, changing, isOpen);
    }

    /** The row with a header. */
    AuthorizationRow header(String name, String value) {
        return new AuthorizationRow(
                method, template, about, query, List.of(name, value), json, signing, answers, changing, isOpen);
    }

    /** The row with a JSON body. */
    AuthorizationRow json(String json) {
        return new AuthorizationRow(method, template, about, query, headers, json, signing, answers, changing, isOpen);
    }

    /** The row with another way of signing than by key. */
    AuthorizationRow signed(BiFunction<Asker, Request, Request> signing) {
        return new AuthorizationRow(method, template, about, query, headers, json, signing, answers, changing, isOpen);
    }

    /** The row as one that everybody may ask for, whoever they are. */
    AuthorizationRow open() {
        return new AuthorizationRow(method, template, about, query, headers, json, signing, answers, changing, true);
    }

    /** The row with the status of each asker; a foreign administrator is answered like any foreigner. */
    AuthorizationRow answers(
            int nobody, int badKey, int foreigner, int outsider, int member, int sender, int administrator) {
        Map<Asker, Integer> all = new EnumMap<>(Asker.class);
        all.put(Asker.NOBODY, nobody);
        all.put(Asker.BAD_KEY, badKey);
        all.put(Asker.FOREIGNER, foreigner);
        all.put(Asker.FOREIGN_ADMINISTRATOR, foreigner);
        all.put(Asker.OUTSIDER, outsider);
        all.put(Asker.MEMBER, member);
        all.put(Asker.SENDER, sender);
        all.put(Asker.ADMINISTRATOR, administrator);
        Set<Asker> changers = EnumSet.noneOf(Asker.class);
        all.forEach((asker, status) -> {
            if (status < 300 && !asker.isForeign() && !method.equals("GET")) {
                changers.add(asker);
            }
        });
        return new AuthorizationRow(method, template, about, query, headers, json, signing, all, changers, isOpen);
    }

    /** The row, where a foreign administrator is answered in another way than a foreign member. */
    AuthorizationRow toForeignAdministrator(int status) {
        Map<Asker, Integer> all = new EnumMap<>(answers);
        all.put(Asker.FOREIGN_ADMINISTRATOR, status);
        return new AuthorizationRow(method, template, about, query, headers, json, signing, all, changing, isOpen);
    }

    /** The row, where success means a change only to these. */
    AuthorizationRow changedBy(Asker... askers) {
        return new AuthorizationRow(
                method, template, about, query, headers, json, signing, answers, Set.of(askers), isOpen);
    }

    /** The call of an asker about the objects of a scene. */
    Request request(Asker asker, Scene scene) {
        String path = scene.filled(template) + (query.isEmpty() ? "" : "?" + scene.filled(query));
        Request request = signing.apply(asker, OneServer.get().request(method, path));
        for (int i = 0; i < headers.size(); i += 2) {
            request = request.with(headers.get(i), scene.filled(headers.get(i + 1)));
        }
        return json.isEmpty() ? request : request.json(scene.filled(json));
    }

    @Override
    public String toString() {
        return (method + " " + template + " " + query + json + " about " + about)
                .replaceAll("\\s+", " ");
    }
}
