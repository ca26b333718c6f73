-- Codes that running sign-ins wait for. The owner of the connection gives one on a page of ours; it is sealed there for
-- the waiting run alone, which any node may be.
CREATE TABLE code_requests (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    -- With these two the same URL can be made again.
    key_id BIGINT NOT NULL,
    nonce BYTEA NOT NULL,
    -- Of the run: what the page seals to.
    public_key TEXT NOT NULL,
    status TEXT NOT NULL,
    channel TEXT,
    -- Where the code was sent, as the website masks it.
    target TEXT,
    numeric_only BIGINT NOT NULL,
    -- Counts what is asked: an answer to anything else is not taken.
    number BIGINT NOT NULL,
    -- Why another code is asked for.
    refused TEXT,
    answer_key TEXT,
    answer TEXT,
    -- Counts the changes of what the page shows.
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Nothing waits from then on.
    waits_until BIGINT NOT NULL,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);
CREATE INDEX code_requests_by_connection ON code_requests (connection_id, created_at);
