-- Where and why a connection's sign-in ended that was neither proven nor refused, the newest alone: with a masked picture
-- of the page and an outline of its controls, sealed by the vault for this table, connection and company.
CREATE TABLE sign_in_failures (
    connection_id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    failed_at BIGINT NOT NULL,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);
