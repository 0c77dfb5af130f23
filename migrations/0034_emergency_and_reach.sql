-- The emergency preset of a session: JSON with who, since when, until when and what was before; '' when it is off.
ALTER TABLE session ADD COLUMN emergency TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN emergency_until_ms BIGINT;
CREATE INDEX session_emergency ON session (emergency_until_ms);

-- A sanction of one session only ('' for the hall), and how far it reaches: the device or the network the person came from. Both are keyed
-- hashes: enough to recognise, useless to whoever steals the table.
ALTER TABLE sanction ADD COLUMN session_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sanction ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sanction ADD COLUMN network TEXT NOT NULL DEFAULT '';
CREATE INDEX sanction_of_hall ON sanction (hall_id, lifted_ms);
ALTER TABLE participant ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE participant ADD COLUMN network TEXT NOT NULL DEFAULT '';
-- Whom a restriction reaches.
CREATE INDEX participant_by_device ON participant (device) WHERE device <> '';
CREATE INDEX participant_by_network ON participant (network) WHERE network <> '';
