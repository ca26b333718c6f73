-- The people who run the platform. They belong to no organization, and no member is one of them.
CREATE TABLE operators (
    id TEXT NOT NULL PRIMARY KEY,
    -- In small letters: it is what an operator signs in with.
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Argon2id, as a PHC string; NULL until an invitation was accepted, as is the authenticator.
    password_hash TEXT,
    -- The secret of the authenticator, sealed by the vault for this table and operator.
    totp_sealed BYTEA,
    -- The newest step of 30 seconds whose code was taken: none is taken twice.
    totp_last_step BIGINT,
    created_at BIGINT NOT NULL,
    last_signed_in_at BIGINT,
    -- The row stays, because the log names it.
    removed_at BIGINT
);
CREATE UNIQUE INDEX operators_by_email ON operators (email) WHERE removed_at IS NULL;

-- An operator's one way to choose a password, with the authenticator that is set up then: sealed as the operator's own.
CREATE TABLE operator_invitations (
    operator_id TEXT NOT NULL PRIMARY KEY REFERENCES operators (id),
    -- SHA-256, as in operator_sessions: both are random.
    hash BYTEA NOT NULL UNIQUE,
    totp_sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE operator_sessions (
    hash BYTEA NOT NULL PRIMARY KEY,
    operator_id TEXT NOT NULL REFERENCES operators (id),
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX operator_sessions_by_operator ON operator_sessions (operator_id);

-- What operators looked at and did. The connection may be gone: the line stays.
CREATE TABLE operator_events (
    id TEXT NOT NULL PRIMARY KEY,
    operator_id TEXT NOT NULL REFERENCES operators (id),
    action TEXT NOT NULL,
    connection_id TEXT,
    -- What the connection was called then.
    detail TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX operator_events_by_time ON operator_events (at, id);

-- What may wait for an operator, of all organizations: few of many.
CREATE INDEX connections_not_connected ON connections (status_first_seen_at, id)
    WHERE deleted_at IS NULL AND inactive_at IS NULL AND status <> 'CONNECTED';
