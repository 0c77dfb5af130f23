-- Run at every start, after the migrations: what keeps the audit log append-only on SQLite.
CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log takes no change');
END;
CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log takes no change');
END;
-- INSERT OR REPLACE removes a row without asking the trigger above.
CREATE TRIGGER IF NOT EXISTS audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE hall_id = NEW.hall_id AND seq = NEW.seq) BEGIN
    SELECT RAISE(ABORT, 'the audit log takes no change');
END;
