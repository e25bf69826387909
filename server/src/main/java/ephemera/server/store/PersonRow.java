package ephemera.server.store;

import ephemera.core.directory.Address;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Profile;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.statement.StatementContext;

/** People as rows of their table. Stateless. */
final class PersonRow {

    private PersonRow() {}

    /** The person in a row. */
    static Person read(ResultSet row, StatementContext context) throws SQLException {
        return new Person(
                new PersonId(row.getObject("person_id", UUID.class)),
                new OrganizationId(row.getString("organization_id")),
                Person.Standing.valueOf(row.getString("standing")),
                new Profile(
                        row.getString("display_name"),
                        text(row, "first_name"),
                        text(row, "last_name"),
                        text(row, "status"),
                        text(row, "title"),
                        text(row, "department"),
                        row.getBoolean("do_not_disturb"),
                        text(row, "do_not_disturb_text"),
                        Optional.ofNullable(row.getObject("avatar", UUID.class))),
                Optional.ofNullable(row.getString("email")).map(Address.Email::new),
                Optional.ofNullable(row.getString("phone")).map(Address.Phone::new),
                Optional.ofNullable(row.getString("username")).map(Address.Username::new),
                Optional.ofNullable(row.getString("external_id")),
                Optional.ofNullable(row.getString("role")).map(Person.Role::valueOf));
    }

    /**
     * The text in a column; all empty texts are the same one, since people are many and most of their texts are empty.
     */
    private static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text.isEmpty() ? "" : text;
    }
}
