-- What the browser of a proven sign-in kept: cookies and storage, sealed by the vault for this table, connection and
-- company. A later collection comes in by it without the password. Gone when the website refuses it, and when the
-- credentials are renewed.
CREATE TABLE browser_sessions (
    connection_id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    saved_at BIGINT NOT NULL,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);
