package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BackupHoldsEveryTable {

    /** Put back from what the archive says about itself, or by the migrations. */
    private static final Set<String> PUT_BACK_OTHERWISE =
            Set.of("epoch", "journal", "deletion_head", "flyway_schema_history");

    @Test
    void ofTheSchema() {
        try (OwnDatabase own = new OwnDatabase();
                Database database = own.open(1)) {
            Set<String> expected = new TreeSet<>(PUT_BACK_OTHERWISE);
            Arrays.stream(CopiedTable.values()).map(CopiedTable::table).forEach(expected::add);
            assertThat(tables(database, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                    + " AND relkind IN ('r', 'p') AND NOT relispartition"))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void andKnowsWhichHaveAPartitionForEachEpoch() {
        try (OwnDatabase own = new OwnDatabase();
                Database database = own.open(1)) {
            List<String> parted = Arrays.stream(CopiedTable.values())
                    .filter(CopiedTable::isParted)
                    .map(CopiedTable::table)
                    .toList();
            assertThat(tables(database, "SELECT partrelid::regclass::text FROM pg_partitioned_table"
                    + " WHERE partrelid::regclass::text <> 'request'"))
                    .containsExactlyInAnyOrderElementsOf(parted);
        }
    }

    private static List<String> tables(Database database, String query) {
        return database.read(handle -> handle.createQuery(query).mapTo(String.class).list());
    }
}
