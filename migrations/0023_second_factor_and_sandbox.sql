-- Who changed what: a member at the console, or a key by API. The table is made anew because neither database lets a
-- column become one that may be empty by a statement that both know. The old one goes out of the way first: from then on
-- a node of the version before writes no line that would not be copied, but waits, and writes into the new one.
ALTER TABLE audit_events RENAME TO audit_events_before;
CREATE TABLE audit_events (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- One of the two did it.
    member_id TEXT REFERENCES members (id),
    key_id TEXT REFERENCES api_keys (id),
    action TEXT NOT NULL,
    -- The id of what was changed.
    subject TEXT,
    -- Its name at that time.
    detail TEXT,
    at BIGINT NOT NULL
);
INSERT INTO audit_events (id, organization_id, member_id, action, subject, detail, at)
    SELECT id, organization_id, member_id, action, subject, detail, at FROM audit_events_before;
DROP TABLE audit_events_before;
CREATE INDEX audit_events_by_organization ON audit_events (organization_id, at, id);
CREATE INDEX audit_events_by_member ON audit_events (member_id, at, id);
CREATE INDEX audit_events_by_key ON audit_events (key_id, at, id);

-- The authenticator that a member signs in with beside the password: its secret, sealed by the vault for this table,
-- member and organization.
ALTER TABLE members ADD COLUMN totp_sealed BYTEA;
-- When a code of it was first taken; until then it is being set up and nobody is asked for one.
ALTER TABLE members ADD COLUMN totp_confirmed_at BIGINT;
-- The newest step of 30 seconds whose code was taken: none is taken twice.
ALTER TABLE members ADD COLUMN totp_last_step BIGINT;

-- Codes that let a member in once without the authenticator. Kept as SHA-256: they are random.
CREATE TABLE member_recovery_codes (
    hash BYTEA NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL REFERENCES members (id)
);
CREATE INDEX member_recovery_codes_by_member ON member_recovery_codes (member_id);

-- Sign-ins whose password was right, and which wait for the code. None of them is a session.
CREATE TABLE member_sign_ins (
    hash BYTEA NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL REFERENCES members (id),
    -- Codes that were tried.
    tries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX member_sign_ins_by_member ON member_sign_ins (member_id);

-- Since when all members must sign in with an authenticator.
ALTER TABLE organizations ADD COLUMN second_factor_required_at BIGINT;

-- Whether a company is for trying things out: only keys of the same environment reach it.
ALTER TABLE companies ADD COLUMN environment TEXT NOT NULL DEFAULT 'PRODUCTION';
-- A webhook endpoint is told what happens to companies of its environment, and keys of it alone reach it.
ALTER TABLE webhook_endpoints ADD COLUMN environment TEXT NOT NULL DEFAULT 'PRODUCTION';
