-- An author's objection to a post that was not published. Once per post. Who decided on it before is in decision_item.
CREATE TABLE appeal (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    kind TEXT NOT NULL,
    post_id TEXT NOT NULL,
    author_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_by_name TEXT NOT NULL,
    decided_ms BIGINT,
    restored BOOLEAN NOT NULL,
    UNIQUE (kind, post_id)
);
CREATE INDEX appeal_of_session ON appeal (session_id, state, id);
CREATE INDEX appeal_of_author ON appeal (author_id, session_id);

-- Which decision an appeal came to; taken back, the appeal is open again and may come to another.
CREATE TABLE appeal_outcome (
    decision_id TEXT NOT NULL PRIMARY KEY REFERENCES decision (id),
    appeal_id TEXT NOT NULL REFERENCES appeal (id)
);

-- A hall's own reasons beside the shipped ones. A change is a new version; old posts name what was meant then.
CREATE TABLE hall_reason (
    hall_id TEXT NOT NULL REFERENCES hall (id),
    code TEXT NOT NULL,
    version BIGINT NOT NULL,
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    retired BOOLEAN NOT NULL,
    at_ms BIGINT NOT NULL,
    staff_id TEXT NOT NULL,
    PRIMARY KEY (hall_id, code, version)
);
