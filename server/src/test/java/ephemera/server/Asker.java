package ephemera.server;

import java.util.Optional;
import java.util.UUID;

/** Who asks, in the columns of the authorization table; the objects that are asked for belong to the clinic. */
enum Asker {
    /** Nobody knows who: no credentials. */
    NOBODY,
    /** A key that there is not. */
    BAD_KEY,
    /** A member of another organization. */
    FOREIGNER,
    /** An administrator of another organization. */
    FOREIGN_ADMINISTRATOR,
    /** A member of the organization who is not in the conversation. */
    OUTSIDER,
    /** Who is in the conversation; the person that the row is about. */
    MEMBER,
    /** Who sent the message and made the group. */
    SENDER,
    /** An administrator of the organization who is not in the conversation. */
    ADMINISTRATOR;

    private static final OneServer SERVER = OneServer.get();
    private static final OneServer.Member ZOE = SERVER.member(SERVER.office(), "Zoe");
    private static final OneServer.Member BOSS = SERVER.administrator(SERVER.office(), "Boss");
    private static final OneServer.Member DAVE = SERVER.member(SERVER.clinic(), "Dave");
    private static final OneServer.Member CAROL = SERVER.member(SERVER.clinic(), "Carol");
    private static final OneServer.Member BOB = SERVER.member(SERVER.clinic(), "Bob");
    private static final OneServer.Member ALICE = SERVER.administrator(SERVER.clinic(), "Alice");

    /** The person behind it, if it is one. */
    Optional<OneServer.Member> person() {
        return switch (this) {
            case NOBODY, BAD_KEY -> Optional.empty();
            case FOREIGNER -> Optional.of(ZOE);
            case FOREIGN_ADMINISTRATOR -> Optional.of(BOSS);
            case OUTSIDER -> Optional.of(DAVE);
            case MEMBER -> Optional.of(CAROL);
            case SENDER -> Optional.of(BOB);
            case ADMINISTRATOR -> Optional.of(ALICE);
        };
    }

    /** The person behind it. */
    OneServer.Member member() {
        return person().orElseThrow();
    }

    /** Whether it belongs to another organization than the objects. */
    boolean isForeign() {
        return this == FOREIGNER || this == FOREIGN_ADMINISTRATOR;
    }

    /** Whether it may know what was said. */
    boolean isInConversation() {
        return this == MEMBER || this == SENDER;
    }

    /** The request with what this one shows of itself. */
    Request sign(Request request) {
        return switch (this) {
            case NOBODY -> request;
            // Another one each time, since too many wrong secrets of one key are answered in another way.
            case BAD_KEY ->
                    request.with("Authorization", OneServer.basic(UUID.randomUUID().toString(), "0".repeat(48)));
            case FOREIGNER, FOREIGN_ADMINISTRATOR, OUTSIDER, MEMBER, SENDER, ADMINISTRATOR -> request.as(member());
        };
    }
}
