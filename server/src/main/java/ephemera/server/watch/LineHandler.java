package ephemera.server.watch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** Writes each record as one line in one write, so that lines of several threads never mix. */
final class LineHandler extends Handler {

    private final OutputStream out;
    private final ReentrantLock turn = new ReentrantLock();

    LineHandler(OutputStream out, Formatter formatter) {
        this.out = out;
        setFormatter(formatter);
    }

    @Override
    public void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        byte[] line = getFormatter().format(entry).getBytes(StandardCharsets.UTF_8);
        turn.lock();
        try {
            out.write(line);
        } catch (IOException e) {
            // A full disk or a closed pipe must not stop the server; the error manager notes the first failure only.
            reportError("a log line could not be written", e, ErrorManager.WRITE_FAILURE);
        } finally {
            turn.unlock();
        }
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        // Standard error is not ours to close.
    }
}
