-- Credentials that a client gave to a connection that worked before. They are tried first: the connection keeps its own
-- until the account that these open is known to be its own. `sealed` opens as a row of `credentials`.
CREATE TABLE proposed_credentials (
    connection_id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    flow_ref TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    recipe TEXT NOT NULL,
    username_masked TEXT,
    -- What the browser of the sign-in kept, sealed as a row of `browser_sessions`.
    session BYTEA,
    proposed_at BIGINT NOT NULL,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id),
    FOREIGN KEY (company_id, link_id) REFERENCES links (company_id, id)
);

-- The accounts that a collection found with proposed credentials when none of them is the connection's, as JSON: how
-- many, and the ends of their numbers.
ALTER TABLE collections ADD COLUMN other_accounts TEXT;

-- The flow whose client signed in with these credentials, where they took the place of others.
ALTER TABLE credentials ADD COLUMN flow_ref TEXT;

CREATE INDEX accounts_by_number ON accounts (company_id, account_number);
CREATE INDEX links_active_by_connection ON links (connection_id) WHERE revoked_at IS NULL AND fulfilled_at IS NULL;

-- What owners of connections are to be told, written in the transaction of the change and delivered by a job.
CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    -- The link that it carries, if it carries one.
    link_id TEXT,
    -- The code request that it carries, if it carries one.
    code_request_id TEXT,
    kind TEXT NOT NULL,
    -- The mail address of the owner.
    recipient TEXT NOT NULL,
    -- How often the same was told before.
    reminders BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    -- It was no longer true when it was due.
    dropped_at BIGINT,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id),
    FOREIGN KEY (company_id, link_id) REFERENCES links (company_id, id)
);
CREATE INDEX notices_by_connection ON notices (connection_id, created_at);
