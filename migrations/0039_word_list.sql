-- Word lists of a hall ('' is every hall) by kind; each change is a new version and the old ones are kept, so that a finding of long
-- ago can be explained. What stood in hall.words is the first version of the hall's hold list; that column is not read any more.
CREATE TABLE word_list (
    hall_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    text TEXT NOT NULL,
    words BIGINT NOT NULL,
    added BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    note TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    staff_id TEXT NOT NULL,
    staff_name TEXT NOT NULL,
    PRIMARY KEY (hall_id, kind, version)
);
INSERT INTO word_list (hall_id, kind, version, text, words, added, removed, note, at_ms, staff_id, staff_name)
SELECT id, 'hold', 1, words, 0, 0, 0, '', created_ms, '', '' FROM hall WHERE words <> '';

-- What else a hall wants of screening, as JSON: first posts, hosts whose links need no look, the external classifier.
CREATE TABLE hall_screening (
    hall_id TEXT NOT NULL PRIMARY KEY REFERENCES hall (id),
    settings TEXT NOT NULL
);
