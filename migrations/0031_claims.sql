-- Who holds which post at the moderation desk. A row whose time is over holds nothing: a browser that crashed blocks nobody.
CREATE TABLE claim (
    kind TEXT NOT NULL,
    post_id TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES session (id),
    lease TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, post_id)
);
CREATE INDEX claim_of_session ON claim (session_id, until_ms);

-- Which decisions a post has had: what a colleague who comes too late is answered with.
CREATE TABLE decision_item (
    kind TEXT NOT NULL,
    post_id TEXT NOT NULL,
    decision_id TEXT NOT NULL REFERENCES decision (id),
    PRIMARY KEY (kind, post_id, decision_id)
);
