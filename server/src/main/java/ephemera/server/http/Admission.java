package ephemera.server.http;

import ephemera.core.directory.Caller;
import ephemera.core.talk.Allowance;

/** Who may bring a file, and how much of it: asked before the body of a request is read. */
public interface Admission {

    /**
     * Lets a caller bring a file.
     *
     * @param declared the length of the whole body in bytes, as far as the client has told; otherwise 0
     * @return room for the file's bytes, which is closed when the request was handled
     * @throws ephemera.core.Refused if there is none
     */
    Allowance admit(Caller caller, long declared);
}
