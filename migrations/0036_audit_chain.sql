-- The audit log as a chain per hall ('' is the chain of the installation): each line carries the hash of the one before it, so that
-- a change, a gap or another order shows. What was written before has no hash; the program moves it over at its first start.
-- Triggers that refuse changes differ between the databases and stand in migrations/guard.
ALTER TABLE audit RENAME TO audit_unchained;
DROP INDEX audit_of_session;

CREATE TABLE audit (
    hall_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    session_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    staff_name TEXT NOT NULL,
    verb TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (hall_id, seq)
);
CREATE INDEX audit_of_session ON audit (session_id, seq);

-- Where each chain ends: whoever adds a line takes this row first, and a line missing at the end shows.
CREATE TABLE audit_head (
    hall_id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
