package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"os"
)

// schemas contains the steps from each version of the file to the next: 001.sql makes version 1.
//
//go:embed schema
var schemas embed.FS

// Version is the version of the file that this program writes, stored as PRAGMA user_version.
const Version = 5

// migrate brings a database up to date, one step per transaction. The content of an older file is first copied
// to path.before-VERSION.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	var has int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&has); err != nil {
		return err
	}
	if has > Version {
		return &Error{Kind: Newer}
	}
	if has > 0 && has < Version && path != "" {
		if err := backup(ctx, db, fmt.Sprintf("%s.before-%d", path, Version)); err != nil {
			return err
		}
	}
	for next := has + 1; next <= Version; next++ {
		if err := step(ctx, db, next); err != nil {
			return fmt.Errorf("step %d: %w", next, err)
		}
	}
	return nil
}

// backup writes the content of a database to another file, replacing an older copy.
func backup(ctx context.Context, db *sql.DB, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // SQLite accepts an empty file
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

func step(ctx context.Context, db *sql.DB, next int) error {
	sentences, err := schemas.ReadFile(fmt.Sprintf("schema/%03d.sql", next))
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, string(sentences)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", next)); err != nil {
		return err
	}
	return tx.Commit()
}
