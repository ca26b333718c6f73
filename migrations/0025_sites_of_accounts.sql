-- The site that an account is at. Without one its connection's sites are meant.
ALTER TABLE accounts ADD COLUMN site_id TEXT REFERENCES sites (id);
