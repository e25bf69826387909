package ephemera.server.config;

import ephemera.server.config.Setting.Fallback;

/** The example configuration file: every setting, commented out, with its documentation and default. */
public final class ExampleFile {

    private static final int WIDTH = 100;

    private static final String HEAD = """
            # Ephemera: every setting, with its default.
            #
            # Copy this file to ephemera.yaml in the data folder, or anywhere and name it with --config FILE, and
            # remove the "#" before what you change. Groups may also be written nested:
            #
            #   http:
            #     port: 9000
            #
            # An environment variable wins over the file, the command line over both. An unknown key or a wrong
            # value ends the start. A relative path counts from the folder of the file that it stands in; in the
            # environment and on the command line, from the working directory. Units of time: ms, s, m, h, d; of
            # size: B, KB, MB, GB, each 1024 of the one before.
            #
            # This file is generated from the declarations of the settings; do not edit it here.
            """;

    private ExampleFile() {}

    /** Returns the text of the file. */
    public static String text() {
        StringBuilder text = new StringBuilder(HEAD);
        for (Setting<?> setting : Settings.all()) {
            text.append('\n');
            comment(text, setting.documentation());
            comment(text, "Must be " + setting.kind().expected() + ".");
            switch (setting.fallback()) {
                case Fallback.Text(String value) -> line(text, setting, value);
                case Fallback.Unset(String meaning, String example) -> {
                    comment(text, "Default: " + meaning + ".");
                    line(text, setting, example);
                }
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, Setting<?> setting, String value) {
        comment(text, "Environment: " + setting.variable());
        // A bare star would be an alias to YAML.
        String written = value.startsWith("*") ? '"' + value + '"' : value;
        text.append('#').append(setting.key()).append(": ").append(written).append('\n');
    }

    private static void comment(StringBuilder text, String words) {
        StringBuilder line = new StringBuilder("#");
        for (String word : words.split(" ")) {
            if (line.length() + 1 + word.length() > WIDTH) {
                text.append(line).append('\n');
                line = new StringBuilder("#");
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }
}
