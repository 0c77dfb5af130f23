-- What a host chose for the stage, with its places at that moment: the record of a fair selection. Added to; only an erasure by law overwrites the reason.
CREATE TABLE choice (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    question_id TEXT NOT NULL REFERENCES question (id),
    at_ms BIGINT NOT NULL,
    staff_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    rule TEXT NOT NULL,
    rank_supported BIGINT NOT NULL,
    rank_unheard BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    supports BIGINT NOT NULL,
    rate_milli BIGINT NOT NULL,
    first_of_group BOOLEAN NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX choice_of_session ON choice (session_id, id);
