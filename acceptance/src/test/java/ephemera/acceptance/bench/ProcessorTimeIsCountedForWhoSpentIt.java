package ephemera.acceptance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ProcessorTimeIsCountedForWhoSpentIt {
    @Test
    void childrenThatHaveEndedIncluded() throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c",
                "read a; sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo done; read b").start();
        try {
            Optional<Long> pid = Optional.of(shell.pid());
            ProcessTimes before = ProcessTimes.now(pid, Optional.empty());
            shell.getOutputStream().write('\n');
            shell.getOutputStream().flush();
            assertThat(shell.getInputStream().read()).isEqualTo('d');
            ProcessTimes asServer = ProcessTimes.now(pid, Optional.empty());
            ProcessTimes asDatabase = ProcessTimes.now(Optional.of(ProcessHandle.current().pid()), pid);
            assertThat(asServer.since(before).server()).isPositive();
            assertThat(asDatabase.database()).isGreaterThanOrEqualTo(asServer.server());
            assertThat(asServer.client()).isPositive();
            assertThat(ProcessTimes.residentKib(shell.pid()).orElseThrow()).isPositive();
        } finally {
            shell.destroy();
            assertThat(shell.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
