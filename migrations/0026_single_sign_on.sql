-- Where members of an organization sign in to the console instead of a password: its own OpenID Connect provider.
CREATE TABLE single_sign_on (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    -- As the provider spells it: tokens of any other spelling are refused.
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- The client's secret, sealed by the vault for this table and organization.
    secret_sealed BYTEA NOT NULL,
    -- Since when members must use it; owners may use their passwords as well.
    required_at BIGINT,
    created_at BIGINT NOT NULL
);

-- Sign-ins that were led to a provider and are not back yet. Kept as the SHA-256 of what the browser has in a cookie, from
-- which all their other secrets are made.
CREATE TABLE single_sign_on_attempts (
    hash BYTEA NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- The page of the console that follows.
    next TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Who the member is to a provider. It is written at the first sign-in there, and from then on it alone counts.
ALTER TABLE members ADD COLUMN provider_issuer TEXT;
ALTER TABLE members ADD COLUMN provider_subject TEXT;
CREATE UNIQUE INDEX members_by_provider ON members (organization_id, provider_issuer, provider_subject)
    WHERE provider_subject IS NOT NULL;

-- 1 where the member came in by the provider.
ALTER TABLE member_sessions ADD COLUMN by_provider BIGINT NOT NULL DEFAULT 0;
