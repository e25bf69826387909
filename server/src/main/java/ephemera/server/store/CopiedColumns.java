package ephemera.server.store;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** Of what a row of a table consists: rows fit into a table only if it is the same. Stateless. */
final class CopiedColumns {

    private CopiedColumns() {}

    /** Names and types, in the order in which they are copied. */
    static String of(Handle handle, CopiedTable table) {
        List<String> columns = handle.createQuery(
                """
                        SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
                         WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped
                         ORDER BY attnum
                        """)
                .bind("table", table.table())
                .mapTo(String.class)
                .list();
        return String.join(", ", columns);
    }
}
