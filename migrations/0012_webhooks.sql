-- Where an organization wants to hear of changes.
CREATE TABLE webhook_endpoints (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    url TEXT NOT NULL,
    description TEXT,
    -- None means all.
    event_types TEXT NOT NULL,
    -- Messages are signed with it; sealed by the vault.
    secret BYTEA NOT NULL,
    -- The one before, with which messages are signed as well until then.
    previous_secret BYTEA,
    previous_secret_until BIGINT,
    disabled_at BIGINT,
    disabled_reason TEXT,
    -- Since when it took nothing that it was sent.
    failing_since BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Counts the changes that the organization makes.
    version BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_by_organization ON webhook_endpoints (organization_id, created_at, id);

-- The outbox: what endpoints are told, written in the transaction of the change.
CREATE TABLE webhook_events (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    event_type TEXT NOT NULL,
    company_id TEXT REFERENCES companies (id),
    connection_id TEXT,
    -- The link that it is about, or that it carries.
    link_id TEXT,
    -- The code request that it carries.
    code_request_id TEXT,
    -- The body of the message, as JSON. Addresses that open something are not in it: they are made when it is sent.
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_events_by_created_at ON webhook_events (created_at);

-- The message of one event to one endpoint. Those of one stream are sent in the order of their numbers.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES webhook_events (id),
    endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints (id),
    -- The link that made the connection, or that it is about: a client's changes are told in their order.
    stream TEXT NOT NULL,
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- While it is PENDING.
    next_attempt_at BIGINT,
    last_attempt_at BIGINT,
    -- What the endpoint answered last, or why it did not.
    status_code BIGINT,
    fault TEXT,
    response_excerpt TEXT,
    delivered_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_by_created_at ON webhook_deliveries (created_at);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, next_attempt_at, created_at, id) WHERE state = 'PENDING';
CREATE INDEX webhook_deliveries_pending_by_stream ON webhook_deliveries (endpoint_id, stream, number) WHERE state = 'PENDING';

-- Numbers the events of the link and of the connections that it made.
ALTER TABLE links ADD COLUMN webhook_event_count BIGINT NOT NULL DEFAULT 0;
