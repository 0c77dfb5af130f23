-- Erasing what the law asks to be erased takes two persons: one asks, another confirms. Of the post only its place and numbers stay.
CREATE TABLE erasure (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    kind TEXT NOT NULL,
    post_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_name TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    settled_by TEXT NOT NULL,
    settled_name TEXT NOT NULL,
    settled_ms BIGINT,
    state TEXT NOT NULL
);
CREATE INDEX erasure_of_session ON erasure (session_id, id);
