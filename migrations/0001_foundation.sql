-- One set of SQL for SQLite and PostgreSQL: TEXT, BIGINT and BYTEA alone.
-- Ids are hyphenated UUIDs. Times (…_at, …_until) are unix milliseconds UTC. Dates are YYYY-MM-DD. Lists and nested shapes are JSON in TEXT.
-- A switch is a nullable time: what happened has a when.

CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    -- The first characters, to tell keys apart. The key itself is only kept as SHA-256: it is random, so nothing slower is needed.
    prefix TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_by_organization ON api_keys (organization_id);

CREATE TABLE brands (
    organization_id TEXT NOT NULL PRIMARY KEY REFERENCES organizations (id),
    brand TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE companies (
    id TEXT NOT NULL PRIMARY KEY,
    -- The only id of the company that a link's URL carries.
    public_id TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    external_id TEXT,
    created_at BIGINT NOT NULL,
    inactive_at BIGINT
);
CREATE INDEX companies_by_organization ON companies (organization_id, created_at, id);

-- (company_id, id) is unique so that rows of one company can only ever point at rows of the same company.
CREATE TABLE sites (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    address TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (company_id, id)
);
CREATE INDEX sites_by_company ON sites (company_id, created_at, id);

CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES companies (id),
    kind TEXT NOT NULL,
    -- The connection that an update link repairs.
    connection_id TEXT,
    -- With these two the same URL can be made again.
    key_id BIGINT NOT NULL,
    nonce BYTEA NOT NULL,
    provider_url TEXT,
    country TEXT,
    expires_at BIGINT,
    revoked_at BIGINT,
    fulfilled_at BIGINT,
    -- The one flow that may go on adding connections ("add more data").
    fulfilled_flow TEXT,
    use_count BIGINT NOT NULL,
    initial_sites TEXT NOT NULL,
    utility_types TEXT NOT NULL,
    owner_email TEXT,
    data_collection_start_date TEXT,
    redirect_url TEXT,
    external_id TEXT,
    locale TEXT,
    created_at BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    UNIQUE (company_id, id)
);
CREATE INDEX links_by_company ON links (company_id, created_at, id);
CREATE INDEX links_active_by_key ON links (key_id) WHERE revoked_at IS NULL AND fulfilled_at IS NULL;

CREATE TABLE link_events (
    link_id TEXT NOT NULL REFERENCES links (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    flow_ref TEXT,
    detail TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (link_id, seq)
);

CREATE TABLE connections (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES companies (id),
    link_id TEXT NOT NULL,
    external_id TEXT,
    status TEXT NOT NULL,
    status_detail TEXT,
    status_error_detail TEXT,
    status_first_seen_at BIGINT NOT NULL,
    status_last_update_at BIGINT NOT NULL,
    provider_url TEXT NOT NULL,
    provider_name TEXT NOT NULL,
    country TEXT NOT NULL,
    username_masked TEXT,
    utility_types TEXT NOT NULL,
    owner_email TEXT,
    data_collection_start_date TEXT,
    inactive_at BIGINT,
    next_collection_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, link_id) REFERENCES links (company_id, id)
);
CREATE INDEX connections_by_company ON connections (company_id, created_at, id);
CREATE INDEX connections_by_link ON connections (link_id, created_at);

CREATE TABLE connection_sites (
    company_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    PRIMARY KEY (connection_id, site_id),
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id),
    FOREIGN KEY (company_id, site_id) REFERENCES sites (company_id, id)
);
CREATE INDEX connection_sites_by_site ON connection_sites (site_id);

-- What collection signs in with. `sealed` opens only by the vault, for this row of this company.
CREATE TABLE credentials (
    connection_id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    recipe TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    account_number TEXT NOT NULL,
    utility_types TEXT NOT NULL,
    is_tracked BIGINT NOT NULL,
    is_duplicated BIGINT NOT NULL,
    last_service_date TEXT,
    meters TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (connection_id, account_number),
    UNIQUE (connection_id, id),
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);

CREATE TABLE bills (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    -- Two ways to know a bill again: what it says, and its very bytes (SHA-256).
    natural_key TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    bill_date TEXT,
    bill TEXT NOT NULL,
    file_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (connection_id, natural_key),
    UNIQUE (connection_id, content_hash),
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id),
    FOREIGN KEY (connection_id, account_id) REFERENCES accounts (connection_id, id)
);
CREATE INDEX bills_by_connection ON bills (connection_id, bill_date, id);

-- Apart from the bills, so that listing bills never reads their files.
CREATE TABLE bill_files (
    bill_id TEXT NOT NULL PRIMARY KEY REFERENCES bills (id),
    content BYTEA NOT NULL
);

CREATE TABLE collections (
    id TEXT NOT NULL PRIMARY KEY,
    company_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    status TEXT,
    status_detail TEXT,
    bills_found BIGINT NOT NULL,
    bills_new BIGINT NOT NULL,
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);
CREATE INDEX collections_by_connection ON collections (connection_id, started_at, id);

-- A job is deleted when it is done. `dedupe_key` names the work: the same work is never queued twice.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    dedupe_key TEXT NOT NULL UNIQUE,
    company_id TEXT NOT NULL REFERENCES companies (id),
    payload TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Counts claims over the job's whole life, so that a worker that lost its lease cannot speak for the next one.
    claims BIGINT NOT NULL,
    lease_until BIGINT,
    leased_by TEXT,
    -- Set before a run sends the password, gone once the sign-in is proven: until then the password is not sent again.
    resend_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_by_run_at ON jobs (run_at, id);
