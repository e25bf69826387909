package ephemera.server.door.tight;

import ephemera.core.outreach.EntityText;
import ephemera.core.outreach.EntityUpdate;
import ephemera.core.outreach.Outlook;
import ephemera.core.outreach.Outlook.Shown;
import ephemera.core.outreach.Webhook;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.MessageId;
import ephemera.server.http.JsonText;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** How this door writes to webhooks that a message or a conversation changed (contract B.4.9). Thread-safe. */
final class UpdateText implements EntityText {

    private final Outlook outlook;
    private final TightNames names;
    private final MessageText messages;
    private final ConversationText conversations;

    UpdateText(Outlook outlook, TightNames names, MessageText messages, ConversationText conversations) {
        this.outlook = outlook;
        this.names = names;
        this.messages = messages;
        this.conversations = conversations;
    }

    @Override
    public Optional<byte[]> of(Webhook webhook, EntityUpdate update) {
        return outlook.of(webhook, update).map(shown -> JsonText.bytes(written(update, shown)));
    }

    private ObjectNode written(EntityUpdate update, Shown shown) {
        ObjectNode json = JsonText.object().put("type", "ENTITY_UPDATE");
        json.putObject("editor").set("userId", names.author(update.editor()).required("userId"));
        json.set("company", names.company(update.organization()));
        json.put("url", switch (update.kind()) {
            case MESSAGE -> "/v6/messages/" + TightIds.text(TightIds.MESSAGE, update.entity());
            case CONVERSATION -> "/v6/conversations/" + TightIds.text(TightIds.CONVERSATION, update.entity());
        });
        return json.set("data", switch (shown) {
            case Shown.Said(var message, var reactions) -> messages.of(message, reactions);
            case Shown.Opened(var topic) -> conversations.of(topic);
            case Shown.Gone() -> gone(update);
        });
    }

    private static ObjectNode gone(EntityUpdate update) {
        return switch (update.kind()) {
            case MESSAGE -> MessageText.gone(new MessageId(update.entity()));
            case CONVERSATION -> ConversationText.gone(new ConversationId(update.entity()));
        };
    }
}
