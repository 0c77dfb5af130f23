-- What viewers reported (举报): one row per person and post. Settled when a moderator kept the post, or by the decision that took it down.
CREATE TABLE report (
    kind TEXT NOT NULL,
    post_id TEXT NOT NULL,
    reporter_id TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES session (id),
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    settled_ms BIGINT,
    settled_by TEXT NOT NULL,
    PRIMARY KEY (kind, post_id, reporter_id)
);
CREATE INDEX report_open ON report (session_id, settled_ms, kind, post_id);
-- How many of a person are open.
CREATE INDEX report_by_reporter ON report (session_id, reporter_id, settled_ms);
