-- Mails that are no word of a connection to its owner (those are `notices`): a link that is sent, an invitation to the
-- console, an account that is connected, an endpoint that was switched off.
CREATE TABLE outgoing_mails (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL,
    -- What it is about; which of these are there, its kind says.
    company_id TEXT,
    link_id TEXT,
    connection_id TEXT,
    member_id TEXT REFERENCES members (id),
    webhook_endpoint_id TEXT,
    recipient TEXT NOT NULL,
    -- An address that opens something and is kept nowhere else, sealed; it goes once the mail has ended.
    sealed_url BYTEA,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    -- It was no longer true when it was due, or was refused or given up.
    dropped_at BIGINT,
    -- The words with which the mail server refused it for good.
    refusal TEXT,
    FOREIGN KEY (company_id, link_id) REFERENCES links (company_id, id),
    FOREIGN KEY (company_id, connection_id) REFERENCES connections (company_id, id)
);
CREATE INDEX outgoing_mails_by_link ON outgoing_mails (link_id, created_at);
CREATE INDEX outgoing_mails_by_organization ON outgoing_mails (organization_id, created_at, id);

-- Of a notice: when the first one of its row of reminders was written. NULL: it is the first one.
ALTER TABLE notices ADD COLUMN first_at BIGINT;

-- Whether a mail address wants the reminders of an organization. The id stands in the links of reminders.
CREATE TABLE mail_subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- In small letters.
    address TEXT NOT NULL,
    unsubscribed_at BIGINT,
    UNIQUE (organization_id, address)
);

-- Since when owners of broken connections, and of newly connected ones, get no mail; NULL: they do.
ALTER TABLE organizations ADD COLUMN repair_mails_off_at BIGINT;
ALTER TABLE organizations ADD COLUMN connected_mails_off_at BIGINT;
