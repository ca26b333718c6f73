-- Where links of the organization may lead clients afterwards.
ALTER TABLE organizations ADD COLUMN redirect_origins TEXT NOT NULL DEFAULT '[]';
