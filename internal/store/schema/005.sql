ALTER TABLE sources ADD COLUMN layout TEXT NOT NULL DEFAULT ''; -- what its columns hold, where the user has said so
