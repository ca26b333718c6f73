-- The people of an organization, who sign in to the console.
CREATE TABLE members (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- In small letters: it is what a member signs in with.
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- Argon2id, as a PHC string; NULL until a password was chosen.
    password_hash TEXT,
    created_at BIGINT NOT NULL,
    last_signed_in_at BIGINT,
    -- The row stays, because the audit log names it.
    removed_at BIGINT
);
CREATE UNIQUE INDEX members_by_email ON members (email, organization_id) WHERE removed_at IS NULL;
CREATE INDEX members_by_organization ON members (organization_id, created_at, id);

-- A member's way in without a password, used once. Kept as SHA-256, as sessions are: both are random.
CREATE TABLE member_sign_in_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL REFERENCES members (id),
    expires_at BIGINT NOT NULL
);
CREATE INDEX member_sign_in_tokens_by_member ON member_sign_in_tokens (member_id);

CREATE TABLE member_sessions (
    hash BYTEA NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL REFERENCES members (id),
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX member_sessions_by_member ON member_sessions (member_id);

-- Who changed what at the console.
CREATE TABLE audit_events (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    member_id TEXT NOT NULL REFERENCES members (id),
    action TEXT NOT NULL,
    -- The id of what was changed.
    subject TEXT,
    -- Its name at that time.
    detail TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX audit_events_by_organization ON audit_events (organization_id, at, id);

-- Lists over all companies of an organization are read in pages, newest first. Rows that a version before this one
-- writes meanwhile get theirs by the clean-up.
ALTER TABLE connections ADD COLUMN organization_id TEXT;
UPDATE connections SET organization_id = (SELECT c.organization_id FROM companies c WHERE c.id = connections.company_id);
CREATE INDEX connections_by_organization ON connections (organization_id, created_at, id);
CREATE INDEX connections_by_organization_and_status ON connections (organization_id, status, created_at, id);

ALTER TABLE links ADD COLUMN organization_id TEXT;
UPDATE links SET organization_id = (SELECT c.organization_id FROM companies c WHERE c.id = links.company_id);
CREATE INDEX links_unused_by_organization ON links (organization_id, created_at, id)
    WHERE kind = 'COMPANY' AND fulfilled_at IS NULL AND revoked_at IS NULL;
