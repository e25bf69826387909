package ephemera.server.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Rooms;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Snapshots of conversations from PostgreSQL, behind a cache. Thread-safe. */
public final class PostgresRooms implements Rooms, Notifications.Listener {

    private final Database database;
    private final Cache<ConversationId, Conversation> rooms =
            Caffeine.newBuilder().maximumSize(200_000).build();

    /** Makes the store on that database. */
    public PostgresRooms(Database database) {
        this.database = database;
    }

    @Override
    public void changed(Notifications.Topic topic, String key) {
        if (topic == Notifications.Topic.ROOM) {
            ConversationId.parse(key).ifPresent(this::forget);
        }
    }

    @Override
    public void everythingChanged() {
        rooms.invalidateAll();
    }

    /** Drops a snapshot: the conversation has changed. */
    void forget(ConversationId id) {
        rooms.invalidate(id);
    }

    @Override
    public Optional<Conversation.Group> group(ConversationId id) {
        return room(id).filter(Conversation.Group.class::isInstance).map(Conversation.Group.class::cast);
    }

    @Override
    public Optional<Conversation.Group> groupAtHand(ConversationId id) {
        return Optional.ofNullable(rooms.getIfPresent(id))
                .filter(Conversation.Group.class::isInstance)
                .map(Conversation.Group.class::cast);
    }

    @Override
    public Optional<Conversation.Direct> direct(ConversationId id) {
        return room(id).filter(Conversation.Direct.class::isInstance).map(Conversation.Direct.class::cast);
    }

    private Optional<Conversation> room(ConversationId id) {
        return Optional.ofNullable(rooms.get(id, key -> database.read(handle -> load(handle, key))
                .orElse(null)));
    }

    private record Seat(PersonId person, boolean listed, boolean contact) {}

    private static Optional<Conversation> load(Handle handle, ConversationId id) {
        List<Seat> seats = handle.createQuery(
                """
                        SELECT person_id, listed, standing = 'CONTACT' AS contact
                          FROM membership JOIN person USING (person_id)
                         WHERE conversation_id = :id AND left_at IS NULL
                         ORDER BY joined_order, person_id
                        """)
                .bind("id", id.value())
                .map((row, _) -> new Seat(
                        new PersonId(row.getObject("person_id", UUID.class)),
                        row.getBoolean("listed"),
                        row.getBoolean("contact")))
                .list();
        return handle.createQuery(
                """
                        SELECT organization_id, is_group, name, description, avatar, replays_history, is_public,
                               created_by, created_at,
                               EXISTS (SELECT FROM topic
                                        WHERE topic.conversation_id = conversation.conversation_id) AS is_topic
                          FROM conversation WHERE conversation_id = :id AND NOT deleted
                        """)
                .bind("id", id.value())
                .<Conversation>map((row, _) -> {
                    OrganizationId organization = new OrganizationId(row.getString("organization_id"));
                    Set<PersonId> members = new LinkedHashSet<>();
                    Set<PersonId> special = new HashSet<>();
                    boolean isGroup = row.getBoolean("is_group");
                    for (Seat seat : seats) {
                        members.add(seat.person());
                        if (isGroup ? seat.contact() : !seat.listed()) {
                            special.add(seat.person());
                        }
                    }
                    if (!isGroup) {
                        return new Conversation.Direct(id, organization, Set.copyOf(members), Set.copyOf(special));
                    }
                    return new Conversation.Group(
                            id,
                            organization,
                            new Conversation.Looks(
                                    row.getString("name"),
                                    row.getString("description"),
                                    Optional.ofNullable(row.getObject("avatar", UUID.class)),
                                    row.getBoolean("replays_history"),
                                    row.getBoolean("is_public")),
                            new PersonId(row.getObject("created_by", UUID.class)),
                            row.getObject("created_at", OffsetDateTime.class).toInstant(),
                            Collections.unmodifiableSet(members),
                            Set.copyOf(special),
                            row.getBoolean("is_topic"));
                })
                .findOne();
    }
}
