-- Run at every start, after the migrations: what keeps the audit log append-only on PostgreSQL. The program's own role loses the
-- rights to change it, and a trigger refuses whoever has them all the same (a superuser). Nodes that start together wait here for each other.
DO $guard$
BEGIN
    PERFORM pg_advisory_xact_lock(7319482650012);
    IF EXISTS (
        SELECT FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        WHERE c.oid = 'audit'::regclass
          AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
          AND (a.grantee = 0 OR a.grantee = (SELECT oid FROM pg_roles WHERE rolname = current_user))
    ) THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM PUBLIC;
        REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM CURRENT_USER;
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgname = 'audit_append_only' AND tgenabled IN ('O', 'A')
    ) THEN
        CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            RAISE EXCEPTION 'the audit log takes no change';
        END
        $body$;
        DROP TRIGGER IF EXISTS audit_append_only ON audit;
        CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
    END IF;
END
$guard$;
