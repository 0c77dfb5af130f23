-- What staff note about a person or a post; only staff of the hall read it.
CREATE TABLE note (
    id TEXT NOT NULL PRIMARY KEY,
    hall_id TEXT NOT NULL REFERENCES hall (id),
    subject TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    body TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX note_of_subject ON note (hall_id, subject, subject_id);

-- Saved filters of the moderation desk, one list per account and hall, JSON.
CREATE TABLE desk_view (
    hall_id TEXT NOT NULL REFERENCES hall (id),
    staff_id TEXT NOT NULL,
    views TEXT NOT NULL,
    PRIMARY KEY (hall_id, staff_id)
);
