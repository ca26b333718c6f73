-- What a call with an Idempotency-Key was answered: the call that is repeated within a day gets the same answer, and its
-- work is not done again. A row is written with the work, in one transaction; its answer is sealed.
CREATE TABLE idempotency_keys (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- SHA-256 of the key that the caller chose.
    key_hash BYTEA NOT NULL,
    -- SHA-256 of what was called: path, query and body.
    request_hash BYTEA NOT NULL,
    -- The HTTP status and the body; none while the work goes on.
    status BIGINT,
    body_sealed BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key_hash)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
