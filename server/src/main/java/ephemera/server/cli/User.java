package ephemera.server.cli;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.directory.Address;
import ephemera.core.directory.Enrolment;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.server.StartFailure;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The commands on people. */
@Command(
        name = "user",
        description = "Makes, imports, lists and erases people, and sets passwords.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {User.Create.class, User.List.class, UserImport.class, User.Password.class, User.Erase.class})
final class User {

    private static final String ORGANIZATION = "the token of the organization, as \"org list\" shows it";
    private static final String VISIBLE =
            "; what stands here, others on this machine can see in the list of processes: they cannot see what"
                    + " \"user password\" asks for";

    /** Makes a member. */
    @Command(
            name = "create",
            description = "Makes a member; a contact of the organization with that address becomes one.",
            mixinStandardHelpOptions = true)
    static final class Create extends DeskCommand {

        @Option(names = "--org", paramLabel = "TOKEN", required = true, description = ORGANIZATION)
        private String organization;

        @Option(names = "--name", paramLabel = "NAME", required = true, description = "the name that others see")
        private String name;

        @Option(
                names = "--email",
                paramLabel = "E-MAIL",
                description = "the e-mail address; this, --phone or --username is needed")
        private Optional<String> email;

        @Option(names = "--phone", paramLabel = "NUMBER", description = "the phone number, with the country's code")
        private Optional<String> phone;

        @Option(names = "--username", paramLabel = "NAME", description = "a name to sign in with")
        private Optional<String> username;

        @Option(names = "--password", paramLabel = "PASSWORD", description = "the password to sign in with" + VISIBLE)
        private Optional<String> password;

        @Option(names = "--admin", description = "may change the organization and its people")
        private boolean administrator;

        @Override
        Answer work(Clerk clerk) {
            Person.Standing standing = administrator ? Person.Standing.ADMINISTRATOR : Person.Standing.MEMBER;
            Person person = clerk.enrol(
                    clerk.organization(organization), new Enrolment.Newcomer(name, email, phone, username, standing));
            password.ifPresent(text -> clerk.signIn().setPassword(person.id(), text));
            return Answer.of(json(person));
        }
    }

    /** Lists the people of an organization. */
    @Command(
            name = "list",
            description = "Lists the people of an organization: members, administrators and contacts.",
            mixinStandardHelpOptions = true)
    static final class List extends DeskCommand {

        @Option(names = "--org", paramLabel = "TOKEN", required = true, description = ORGANIZATION)
        private String organization;

        @Override
        Answer work(Clerk clerk) {
            // All at once: page after page, somebody who is added meanwhile would move others over the edges.
            return Answer.ofAll(
                    clerk.people().search(clerk.organization(organization), "", 0, Integer.MAX_VALUE).stream()
                            .map(User::json)
                            .toList());
        }
    }

    /** Sets a password. */
    @Command(
            name = "password",
            description = {
                "Sets a member's password.",
                "Asks for it at a terminal, or else reads it as one line of the input."
            },
            mixinStandardHelpOptions = true)
    static final class Password extends DeskCommand {

        @Parameters(paramLabel = "TOKEN-OR-EMAIL", description = "whose password")
        private String address;

        @Option(names = "--password", paramLabel = "PASSWORD", description = "the new password" + VISIBLE)
        private Optional<String> password;

        private String chosen = "";

        @Override
        void prepare() {
            chosen = password.orElseGet(() -> PasswordQuestion.ofThisProcess().ask("New password of " + address));
        }

        @Override
        Answer work(Clerk clerk) {
            Person person = clerk.member(address);
            clerk.signIn().setPassword(person.id(), chosen);
            return new Answer(
                    java.util.List.of("The password of " + person.profile().displayName() + " is set."),
                    java.util.List.of(Answer.object().put("token", person.id().toString())));
        }
    }

    /** Erases a person. */
    @Command(
            name = "erase",
            description = {
                "Erases a person: they cannot sign in any more, their name and addresses are forgotten, and every"
                        + " message that they wrote ends for everybody.",
                "What others wrote to them stays with the others. It cannot be undone; interrupted, repeat it."
            },
            mixinStandardHelpOptions = true)
    static final class Erase extends DeskCommand {

        @Parameters(paramLabel = "PERSON", description = "the token of the person, as \"user list\" shows it")
        private String token;

        @Option(names = "--yes", description = "says that you mean it")
        private boolean sure;

        @Override
        Answer answer(Desk desk) {
            Person person = desk.together(this::person);
            if (!sure) {
                throw new StartFailure("Erasing " + person.profile().displayName()
                        + " cannot be undone: repeat the command with --yes if you mean it.");
            }
            int messages = desk.erasure().erase(person.id());
            return new Answer(
                    java.util.List.of(person.profile().displayName() + " is erased, with " + messages + " messages."),
                    java.util.List.of(Answer.object().put("token", token).put("messages", messages)));
        }

        private Person person(Clerk clerk) {
            return clerk.people().person(new PersonId(Ids.parse(token)
                    .orElseThrow(() -> Failure.INVALID.refused("\"" + token + "\" is no token of a person."))))
                    .orElseThrow(() -> Failure.NOT_FOUND.refused("There is no person " + token + "."));
        }

        @Override
        Answer work(Clerk clerk) {
            throw new IllegalStateException("erasing takes several transactions");
        }
    }

    /** A person as scripts see them; what they do not have is left out. */
    static ObjectNode json(Person person) {
        ObjectNode object = Answer.object()
                .put("token", person.id().toString())
                .put("standing", person.standing().name().toLowerCase(Locale.ROOT))
                .put("name", person.profile().displayName());
        person.email().map(Address.Email::text).ifPresent(text -> object.put("email", text));
        person.phone().map(Address.Phone::text).ifPresent(text -> object.put("phone", text));
        person.username().map(Address.Username::text).ifPresent(text -> object.put("username", text));
        return object;
    }
}
