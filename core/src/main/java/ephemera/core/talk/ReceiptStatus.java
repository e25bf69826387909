package ephemera.core.talk;

/** How far a message has come with one recipient; it only moves forward, in the order of declaration. */
public enum ReceiptStatus {
    NEW,
    DELIVERED,
    READ
}
