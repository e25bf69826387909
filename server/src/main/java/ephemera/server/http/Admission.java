package ephemera.server.http;

import ephemera.core.directory.Caller;
import ephemera.core.talk.Allowance;
import java.util.Optional;
import java.util.function.Function;

/** Who may bring a file, and how much of it: asked before the body of a request is read. */
public interface Admission {

    /**
     * Lets a caller bring a file.
     *
     * @param header the value of a header of the request
     * @param declared the length of the whole body in bytes, as far as the client has told; otherwise 0
     * @return room for the file's bytes, which is closed when the request was handled
     * @throws ephemera.core.Refused if there is none
     */
    Allowance admit(Caller caller, Function<String, Optional<String>> header, long declared);
}
