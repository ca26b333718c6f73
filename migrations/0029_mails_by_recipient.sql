-- How many links an organization mailed to one address of late is asked before it mails another one there.
CREATE INDEX outgoing_mails_by_recipient ON outgoing_mails (organization_id, (LOWER(recipient)), created_at);
