-- Stays of members who left a group and came back without its past: what was said while they were in is still theirs.
CREATE TABLE earlier_membership (
    conversation_id uuid NOT NULL REFERENCES conversation,
    person_id       uuid NOT NULL REFERENCES person,
    visible_after   bigint NOT NULL,
    told_after      bigint NOT NULL,
    left_at         bigint NOT NULL,
    PRIMARY KEY (conversation_id, person_id, left_at)
);

CREATE INDEX earlier_membership_by_person ON earlier_membership (person_id);

-- All times at which people were in conversations; the stays of one person in one conversation do not overlap.
CREATE VIEW stay AS
SELECT conversation_id, person_id, visible_after, told_after, left_at FROM membership
 UNION ALL
SELECT conversation_id, person_id, visible_after, told_after, left_at FROM earlier_membership;
