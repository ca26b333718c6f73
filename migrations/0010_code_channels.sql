-- What answers for a connection when a website asks its sign-in for a one-time code: an authenticator's secret, a mail
-- address of the connection's own, or an SMS number. One of a kind for each connection.
CREATE TABLE code_channels (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- EMAIL: the local part of the address. SMS: the number (E.164), which may serve several connections.
    address TEXT,
    -- AUTHENTICATOR: sealed by the vault.
    secret BYTEA,
    -- AUTHENTICATOR: of the last code that was used; no code of it or an earlier one is used again.
    last_time_step BIGINT,
    created_at BIGINT NOT NULL,
    -- A code of this channel was received, read, and accepted by the website.
    proven_at BIGINT,
    -- Somebody sets the channel up, and waits for its first message until then.
    waits_until BIGINT NOT NULL,
    -- What a mail provider sent to confirm that mail may be forwarded here, sealed by the vault.
    confirmation BYTEA,
    -- A code that came before anything waited for it, sealed by the vault, and when it came.
    early_code BYTEA,
    early_at BIGINT,
    UNIQUE (connection_id, kind),
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);
CREATE UNIQUE INDEX code_channels_by_mail_address ON code_channels (address) WHERE kind = 'EMAIL';
CREATE INDEX code_channels_by_address ON code_channels (kind, address);
-- The channel that gave the answer, when it was no person.
ALTER TABLE code_requests ADD COLUMN answered_by TEXT;
