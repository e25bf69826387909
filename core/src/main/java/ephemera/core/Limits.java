package ephemera.core;

/**
 * Every bound of the product on one screen.
 *
 * @param bodyBytes the longest message body, in UTF-8 bytes
 * @param requestBytes the largest request without an attachment, in bytes
 * @param attachmentBytes the largest attachment, in bytes
 * @param uploadsPerPerson the most bytes of files of one person that wait for their messages
 * @param uploadsPerClient the most bytes of files that wait for their messages and came through one application
 * @param attachments the most attachments of one message
 * @param dataItems the most data items of one message
 * @param groupMembers the most members of a group
 * @param topicMembers the most members that take part in a new topic because they are in its organization
 * @param idsPerCall the most ids in one call (acknowledgements, statuses)
 * @param nameLength the longest name of a person, group or file, in characters
 * @param metadataKeys the most metadata keys of one person or group
 * @param metadataValueLength the longest metadata value, in characters
 * @param streamsPerPerson the most event streams that one person may hold open
 * @param streamBuffer the most events that wait in memory for one slow stream before it falls back to reading the log
 * @param unacknowledgedTracked the most pushed events per person that are tracked in memory for acknowledgement
 * @param replayPage the most events read from the log at once
 * @param historyReplay the most earlier messages that a new group member gets
 * @param searchResults the most results of one search page
 */
public record Limits(
        int bodyBytes,
        int requestBytes,
        long attachmentBytes,
        long uploadsPerPerson,
        long uploadsPerClient,
        int attachments,
        int dataItems,
        int groupMembers,
        int topicMembers,
        int idsPerCall,
        int nameLength,
        int metadataKeys,
        int metadataValueLength,
        int streamsPerPerson,
        int streamBuffer,
        int unacknowledgedTracked,
        int replayPage,
        int historyReplay,
        int searchResults) {

    /** The bounds of a server that configures none. */
    public static final Limits DEFAULT = new Limits(
            64 * 1024,
            1024 * 1024,
            100L * 1024 * 1024,
            1024L * 1024 * 1024,
            20L * 1024 * 1024 * 1024,
            20,
            20,
            10_000,
            250,
            10_000,
            250,
            64,
            4_096,
            50,
            1_000,
            10_000,
            500,
            10_000,
            100);

    /** The same bounds with those that an operator may configure replaced. */
    public Limits with(
            int bodyBytes,
            int requestBytes,
            long attachmentBytes,
            long uploadsPerPerson,
            long uploadsPerClient,
            int groupMembers,
            int topicMembers,
            int streamsPerPerson,
            int streamBuffer) {
        return new Limits(
                bodyBytes,
                requestBytes,
                attachmentBytes,
                uploadsPerPerson,
                uploadsPerClient,
                attachments,
                dataItems,
                groupMembers,
                topicMembers,
                idsPerCall,
                nameLength,
                metadataKeys,
                metadataValueLength,
                streamsPerPerson,
                streamBuffer,
                unacknowledgedTracked,
                replayPage,
                historyReplay,
                searchResults);
    }
}
