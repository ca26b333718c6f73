-- Filters and searches of the console's lists, under names that members gave them.
CREATE TABLE saved_views (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    -- Who made it.
    member_id TEXT NOT NULL REFERENCES members (id),
    -- Of which list it is.
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The name in small letters: a member has it once in a list.
    name_key TEXT NOT NULL,
    -- What stands behind the question mark of the list's address.
    query TEXT NOT NULL,
    -- Since when the whole team sees it.
    shared_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_by_name ON saved_views (member_id, list, name_key);
CREATE INDEX saved_views_by_organization ON saved_views (organization_id, list);
