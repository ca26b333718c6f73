-- What an API key may do, until when, and from where. A key that was made before may do everything, as it could.
ALTER TABLE api_keys ADD COLUMN environment TEXT NOT NULL DEFAULT 'PRODUCTION';
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '["read","links","connections","admin"]';
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
-- Addresses and ranges in CIDR notation; none means all.
ALTER TABLE api_keys ADD COLUMN allowed_addresses TEXT NOT NULL DEFAULT '[]';
-- Counts the changes that the organization makes.
ALTER TABLE api_keys ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
