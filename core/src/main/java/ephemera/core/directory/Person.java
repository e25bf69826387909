package ephemera.core.directory;

import java.util.Optional;

/**
 * Somebody who can be written to.
 *
 * @param id the person's token
 * @param organization the one organization that the person belongs to
 * @param standing whether the person signs in, and with which rights
 * @param profile what others see
 * @param email the e-mail address in lower case
 * @param phone the phone number as {@code +} and digits (E.164)
 * @param username the name to sign in with, in lower case
 */
public record Person(
        PersonId id,
        OrganizationId organization,
        Standing standing,
        Profile profile,
        Optional<Address.Email> email,
        Optional<Address.Phone> phone,
        Optional<Address.Username> username) {

    /** What a person is to the server. */
    public enum Standing {
        /** Has only addresses: messages leave through a channel. */
        CONTACT,
        /** Signs in and has streams. */
        MEMBER,
        /** A member who may also change the organization and its people. */
        ADMINISTRATOR
    }

    /** Whether the person can sign in. */
    public boolean isMember() {
        return standing != Standing.CONTACT;
    }

    /** Whether the person may change the organization and its people. */
    public boolean isAdministrator() {
        return standing == Standing.ADMINISTRATOR;
    }

    /** The same person with another profile. */
    public Person with(Profile changed) {
        return new Person(id, organization, standing, changed, email, phone, username);
    }
}
