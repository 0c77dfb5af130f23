-- How many persons support a question, kept beside the votes and changed in the same transaction: counting the rows of a list of questions
-- at every look costs a second and more once a session has a million of them. `support` stays the truth; a recount must give the same.
-- `told` is what the log was last told: the difference is what is still to be told, also after a crash.
CREATE TABLE support_tally (
    session_id TEXT NOT NULL,
    question_id TEXT NOT NULL,
    supports BIGINT NOT NULL,
    told BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    told_ms BIGINT NOT NULL,
    PRIMARY KEY (session_id, question_id)
);

INSERT INTO support_tally (session_id, question_id, supports, told, changed_ms, told_ms)
SELECT q.session_id, q.id, n.supports, n.supports, 0, 0
FROM question q
JOIN (
    SELECT voices.head, COUNT(DISTINCT voices.participant_id) AS supports
    FROM (
        SELECT question_id AS head, participant_id FROM support
        UNION ALL
        SELECT m.merged_into, s.participant_id FROM support s JOIN question m ON m.id = s.question_id WHERE m.merged_into <> ''
    ) voices
    GROUP BY voices.head
) n ON n.head = q.id;

-- What a person supports is found question by question over the primary key. This index cost every vote a page of the write-ahead log,
-- as much as the vote itself: votes come by the ten thousand from persons in no order.
DROP INDEX support_by_participant;
