-- Files that an organization sent, to make a link of each row, or to add or change a company.
CREATE TABLE batches (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- Its rows name companies of this environment alone.
    environment TEXT NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT,
    -- What the file calls the columns that are known: a JSON object from our names to its own.
    columns TEXT NOT NULL,
    is_dry_run BIGINT NOT NULL,
    creates_missing BIGINT NOT NULL,
    total BIGINT NOT NULL,
    -- Rows are worked in their order: these two together say how far it is.
    good BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    -- The batch that does what this dry run checked.
    followed_by TEXT
);
CREATE INDEX batches_by_organization ON batches (organization_id, kind, created_at, id);
CREATE INDEX batches_by_time ON batches (created_at);

CREATE TABLE batch_rows (
    batch_id TEXT NOT NULL REFERENCES batches (id),
    seq BIGINT NOT NULL,
    -- Where it begins in the file.
    line BIGINT NOT NULL,
    cells TEXT NOT NULL,
    outcome TEXT NOT NULL,
    problems TEXT NOT NULL,
    effects TEXT NOT NULL,
    company_id TEXT REFERENCES companies (id),
    link_id TEXT,
    PRIMARY KEY (batch_id, seq),
    FOREIGN KEY (company_id, link_id) REFERENCES links (company_id, id)
);

-- A row names its company by its id, by the organization's own id or by its name.
CREATE INDEX companies_by_external_id ON companies (organization_id, external_id);
CREATE INDEX companies_by_name ON companies (organization_id, (LOWER(name)));
