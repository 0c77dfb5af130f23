-- One text for SQLite and PostgreSQL. Ids and instants (milliseconds since 1970 UTC) are made by the program; an absent id is ''.
-- Lists that are only ever read whole are JSON in TEXT. Totals are never stored.

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE hall (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    body_name TEXT NOT NULL,
    color TEXT NOT NULL,
    intro TEXT NOT NULL,
    rules TEXT NOT NULL,
    contact TEXT NOT NULL,
    members TEXT NOT NULL,
    policy TEXT NOT NULL,
    words TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE department (
    id TEXT NOT NULL PRIMARY KEY,
    hall_id TEXT NOT NULL REFERENCES hall (id),
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    retired BOOLEAN NOT NULL
);
CREATE INDEX department_of_hall ON department (hall_id, position);

-- public_seq and backstage_seq are the last numbers given in the session's log; the *_no columns the last numbers given to posts.
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    hall_id TEXT NOT NULL REFERENCES hall (id),
    code TEXT NOT NULL UNIQUE,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    intro TEXT NOT NULL,
    venue TEXT NOT NULL,
    host_name TEXT NOT NULL,
    state TEXT NOT NULL,
    starts_ms BIGINT,
    started_ms BIGINT,
    ended_ms BIGINT,
    closed_ms BIGINT,
    stream_url TEXT NOT NULL,
    announcement TEXT NOT NULL,
    topics TEXT NOT NULL,
    policy TEXT NOT NULL,
    stage TEXT NOT NULL,
    next_up TEXT NOT NULL,
    peak_watching BIGINT NOT NULL,
    public_seq BIGINT NOT NULL,
    backstage_seq BIGINT NOT NULL,
    comment_no BIGINT NOT NULL,
    question_no BIGINT NOT NULL,
    suggestion_no BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    UNIQUE (hall_id, number)
);

CREATE TABLE session_department (
    session_id TEXT NOT NULL REFERENCES session (id),
    department_id TEXT NOT NULL REFERENCES department (id),
    position BIGINT NOT NULL,
    PRIMARY KEY (session_id, department_id)
);

CREATE TABLE segment (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    position BIGINT NOT NULL,
    title TEXT NOT NULL,
    department_id TEXT NOT NULL,
    planned_minutes BIGINT NOT NULL,
    started_ms BIGINT,
    ended_ms BIGINT
);
CREATE INDEX segment_of_session ON segment (session_id, position);

CREATE TABLE material (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    position BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    url TEXT NOT NULL
);
CREATE INDEX material_of_session ON material (session_id, position);

-- A phone number is stored only as a keyed hash: enough to recognise it, useless to whoever steals the table.
CREATE TABLE participant (
    id TEXT NOT NULL PRIMARY KEY,
    tier TEXT NOT NULL,
    name TEXT NOT NULL,
    phone_hash TEXT UNIQUE,
    created_ms BIGINT NOT NULL
);

CREATE TABLE phone_code (
    phone_hash TEXT NOT NULL PRIMARY KEY,
    code_hash TEXT NOT NULL,
    expires_ms BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    sent_ms BIGINT NOT NULL,
    hour_start_ms BIGINT NOT NULL,
    sent_in_hour BIGINT NOT NULL
);

CREATE TABLE comment (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    number BIGINT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_tier TEXT NOT NULL,
    client_ref TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    findings TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (session_id, author_id, client_ref)
);
CREATE INDEX comment_by_state ON comment (session_id, state, id);
CREATE INDEX comment_by_author ON comment (author_id, id);

CREATE TABLE question (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    number BIGINT NOT NULL,
    author_id TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_tier TEXT NOT NULL,
    client_ref TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    findings TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    revision BIGINT NOT NULL,
    topic TEXT NOT NULL,
    place TEXT NOT NULL,
    department_id TEXT NOT NULL,
    disposition TEXT NOT NULL,
    merged_into TEXT NOT NULL,
    disposition_reason TEXT NOT NULL,
    UNIQUE (session_id, author_id, client_ref)
);
CREATE INDEX question_by_state ON question (session_id, state, id);
CREATE INDEX question_by_author ON question (author_id, id);
CREATE INDEX question_by_head ON question (merged_into);

-- One row per person and question: the vote itself, not a count of votes.
CREATE TABLE support (
    question_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    tier TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (question_id, participant_id)
);
CREATE INDEX support_by_participant ON support (participant_id, session_id);

CREATE TABLE answer (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    question_id TEXT NOT NULL REFERENCES question (id),
    department_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    answer_type TEXT NOT NULL,
    body TEXT NOT NULL,
    speaker TEXT NOT NULL,
    owner TEXT NOT NULL,
    due_date TEXT NOT NULL,
    basis TEXT NOT NULL,
    transfer_to TEXT NOT NULL,
    started_ms BIGINT,
    ended_ms BIGINT,
    published_ms BIGINT NOT NULL,
    staff_id TEXT NOT NULL
);
CREATE INDEX answer_of_session ON answer (session_id, published_ms);
CREATE INDEX answer_of_question ON answer (question_id);

CREATE TABLE decision (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    staff_id TEXT NOT NULL,
    by_name TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    undone BOOLEAN NOT NULL,
    items TEXT NOT NULL
);
CREATE INDEX decision_of_session ON decision (session_id, id);

CREATE TABLE sanction (
    id TEXT NOT NULL PRIMARY KEY,
    hall_id TEXT NOT NULL REFERENCES hall (id),
    participant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    until_ms BIGINT,
    reason TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    staff_id TEXT NOT NULL,
    lifted_ms BIGINT
);
CREATE INDEX sanction_of_participant ON sanction (participant_id, hall_id);

CREATE TABLE suggestion (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES session (id),
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    category TEXT NOT NULL,
    department_id TEXT NOT NULL,
    co_department_ids TEXT NOT NULL,
    source TEXT NOT NULL,
    raised_by TEXT NOT NULL,
    due_date TEXT NOT NULL,
    requirement TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    UNIQUE (session_id, number)
);

CREATE TABLE suggestion_source (
    suggestion_id TEXT NOT NULL REFERENCES suggestion (id),
    kind TEXT NOT NULL,
    post_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (suggestion_id, kind, post_id)
);
CREATE INDEX suggestion_of_post ON suggestion_source (post_id);

-- The log: what the live fan-out follows. Numbered per session and channel in the order of the commits, without holes.
CREATE TABLE event (
    session_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, channel, seq)
);

CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    hall_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_of_session ON audit (session_id, id);

CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY,
    login_name TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    operator BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE role_grant (
    hall_id TEXT NOT NULL REFERENCES hall (id),
    staff_id TEXT NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL,
    department_id TEXT NOT NULL,
    PRIMARY KEY (hall_id, staff_id, role, department_id)
);
CREATE INDEX role_grant_of_staff ON role_grant (staff_id);

-- Login sessions of staff (a session is a consultation here). Only a hash of the cookie is kept.
CREATE TABLE login (
    token_hash TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
