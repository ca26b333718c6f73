-- The console lists bills and links over all companies of an organization, newest first. Bills that a version before this
-- one writes meanwhile get their organization by the clean-up.
ALTER TABLE bills ADD COLUMN organization_id TEXT;
UPDATE bills SET organization_id = (SELECT c.organization_id FROM companies c WHERE c.id = bills.company_id);
CREATE INDEX bills_by_organization ON bills (organization_id, COALESCE(bill_date, '') DESC, id);
CREATE INDEX links_by_organization ON links (organization_id, created_at, id);
-- Made anew: of two that fit SQLite takes the younger one, and this one has far fewer rows.
DROP INDEX links_unused_by_organization;
CREATE INDEX links_unused_by_organization ON links (organization_id, created_at, id)
    WHERE kind = 'COMPANY' AND fulfilled_at IS NULL AND revoked_at IS NULL;

-- How many connections a company has, deleted ones aside: a list says it, and counting them anew each time takes the longer the
-- more there are. A version before this one does not count; the clean-up counts again.
ALTER TABLE companies ADD COLUMN connection_count BIGINT NOT NULL DEFAULT 0;
UPDATE companies SET connection_count = (SELECT COUNT(*) FROM connections n WHERE n.company_id = companies.id AND n.deleted_at IS NULL);

-- SHA-256 of the files that were replaced by another one of the same bill, newest first, each in hexadecimal digits and with
-- a blank behind it: a website that lists both is not to change the bill back and forth.
ALTER TABLE bills ADD COLUMN replaced_hashes TEXT NOT NULL DEFAULT '';
CREATE INDEX bills_with_replaced_files ON bills (connection_id) WHERE replaced_hashes <> '';
