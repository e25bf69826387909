package ephemera.server.watch;

import ephemera.server.config.Config;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * The one log: each {@link System.Logger}, {@code java.util.logging} and SLF4J call becomes one line on standard error.
 *
 * <p>A stack trace stands in the line of its record; control characters are escaped; a text is cut after 4,096
 * characters, a stack trace after 16,384.
 */
public final class Logs {

    // The JDK holds loggers weakly; the level of one that nobody else holds would be forgotten.
    private static final Logger OURS;

    static {
        // Only heeded if nothing has logged yet, so the main class calls this first; else all but the last lines work.
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
        }
        OURS = Logger.getLogger("ephemera");
    }

    private Logs() {}

    /**
     * Sets up logging for the process; to be called first, again only to change level or form.
     *
     * <p>Also logs whatever ends a thread without being caught.
     */
    public static void install(Config.Log log) {
        install(log, new FileOutputStream(FileDescriptor.err));
        System.Logger logger = System.getLogger(Logs.class.getName());
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> logger.log(System.Logger.Level.ERROR,
                "a thread ended by an exception", Field.field("thread", thread.getName()), thrown));
    }

    /** Sets up the loggers to write to a stream. */
    static void install(Config.Log log, OutputStream out) {
        LogManager manager = LogManager.getLogManager();
        keep(manager, false);
        manager.reset();
        keep(manager, true);
        Formatter formatter = switch (log.format()) {
            case TEXT -> new TextLines();
            case JSON -> new JsonLines();
        };
        Logger root = Logger.getLogger("");
        root.addHandler(new LineHandler(out, formatter));
        root.setLevel(ofLibraries(log.level()));
        OURS.setLevel(level(log.level()));
    }

    private static void keep(LogManager manager, boolean keep) {
        if (manager instanceof LastingLogManager lasting) {
            lasting.keep(keep);
        }
    }

    private static Level level(System.Logger.Level level) {
        return switch (level) {
            case OFF -> Level.OFF;
            case ERROR -> Level.SEVERE;
            case WARNING -> Level.WARNING;
            case INFO -> Level.INFO;
            case DEBUG -> Level.FINE;
            case TRACE -> Level.FINER;
            case ALL -> Level.ALL;
        };
    }

    // Never below INFO: HTTP and database libraries print the bytes and parameters of messages there.
    private static Level ofLibraries(System.Logger.Level level) {
        return switch (level) {
            case OFF -> Level.OFF;
            case ERROR -> Level.SEVERE;
            case WARNING, INFO -> Level.WARNING;
            case DEBUG, TRACE, ALL -> Level.INFO;
        };
    }
}
