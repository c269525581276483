import GRDB

/// The numbered steps in which the database came to its shape. A step that has been released is never changed.
enum Migrations {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1-catalog-targets-jobs") { db in
      try db.execute(sql: step1)
    }
    migrator.registerMigration("2-contents-limits") { db in
      try db.execute(sql: contentsAndLimits)
    }
    migrator.registerMigration("3-restore-points") { db in
      try db.execute(sql: restorePoints)
    }
    migrator.registerMigration("4-inspections") { db in
      try db.execute(
        sql: "CREATE TABLE guest_inspections (key TEXT PRIMARY KEY, facts TEXT NOT NULL, created_at TEXT NOT NULL)")
    }
    migrator.registerMigration("5-digest-of-512-KiB-blocks") { db in
      // The content digest was one of blocks of 1 MiB before: what was recorded would look like another content.
      try db.execute(sql: "UPDATE backup_jobs SET contents = NULL")
    }
    migrator.registerMigration("6-present-hardware") { db in
      try db.execute(sql: "ALTER TABLE restore_jobs ADD COLUMN hardware TEXT")
    }
    return migrator
  }

  /// Platforms and states are text, not enums: a new platform ships without a migration.
  private static let step1 = """
    CREATE TABLE backup_jobs (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, source_platform TEXT NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL,
      taken_at TEXT, added_at TEXT NOT NULL, virtual_size_bytes INTEGER NOT NULL, backup TEXT NOT NULL,
      fingerprint TEXT NOT NULL, guest TEXT
    );
    CREATE TABLE targets (
      id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, platform TEXT NOT NULL, config TEXT NOT NULL,
      secret_names TEXT NOT NULL, created_at TEXT NOT NULL
    );
    CREATE TABLE restore_jobs (
      id TEXT PRIMARY KEY, backup_job_id TEXT NOT NULL REFERENCES backup_jobs(id),
      target_id TEXT NOT NULL, source_platform TEXT NOT NULL, target_platform TEXT NOT NULL,
      restore_type TEXT NOT NULL, status TEXT NOT NULL, target_config TEXT NOT NULL, options TEXT NOT NULL,
      plan TEXT, progress_percent REAL NOT NULL, bytes_done INTEGER NOT NULL, bytes_total INTEGER NOT NULL,
      estimated_completion TEXT, error_message TEXT, error TEXT, target_vm_id TEXT, target_vm_name TEXT,
      cancel_requested INTEGER NOT NULL, attempt INTEGER NOT NULL,
      created_at TEXT NOT NULL, started_at TEXT, completed_at TEXT
    );
    CREATE INDEX restore_jobs_by_creation ON restore_jobs(created_at);
    CREATE TABLE restore_steps (
      id TEXT PRIMARY KEY, restore_job_id TEXT NOT NULL REFERENCES restore_jobs(id) ON DELETE CASCADE,
      step_name TEXT NOT NULL, step_order INTEGER NOT NULL, status TEXT NOT NULL, started_at TEXT, completed_at TEXT,
      error_message TEXT, metadata TEXT NOT NULL, UNIQUE (restore_job_id, step_name)
    );
    CREATE TABLE restore_operations (
      id TEXT PRIMARY KEY, restore_job_id TEXT NOT NULL REFERENCES restore_jobs(id) ON DELETE CASCADE,
      name TEXT NOT NULL, method TEXT NOT NULL, digest TEXT NOT NULL, attempt INTEGER NOT NULL, result TEXT,
      UNIQUE (restore_job_id, name)
    );
    CREATE TABLE restore_checkpoints (
      operation_id TEXT NOT NULL REFERENCES restore_operations(id) ON DELETE CASCADE, seq INTEGER NOT NULL,
      attempt INTEGER NOT NULL, token TEXT NOT NULL, through INTEGER NOT NULL, created_at TEXT NOT NULL,
      PRIMARY KEY (operation_id, attempt, seq)
    );
    CREATE TABLE restore_resources (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      restore_job_id TEXT NOT NULL REFERENCES restore_jobs(id) ON DELETE CASCADE, operation_id TEXT NOT NULL,
      kind TEXT NOT NULL, name TEXT NOT NULL, remote_id TEXT, state TEXT NOT NULL, resource TEXT NOT NULL,
      created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (restore_job_id, kind, name)
    );
    CREATE TABLE restore_events (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      restore_job_id TEXT NOT NULL REFERENCES restore_jobs(id) ON DELETE CASCADE, at TEXT NOT NULL,
      level TEXT NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL
    );
    CREATE INDEX restore_events_by_job ON restore_events(restore_job_id, id);
    """

  /// The counts follow from the document, so that nobody can forget to write them.
  private static let restorePoints = """
    ALTER TABLE backup_jobs ADD COLUMN point_guests TEXT;
    ALTER TABLE backup_jobs ADD COLUMN disk_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE backup_jobs ADD COLUMN point_count INTEGER NOT NULL DEFAULT 1;
    UPDATE backup_jobs SET disk_count = json_array_length(backup, '$.disks'),
      point_count = max(1, coalesce(json_array_length(backup, '$.points'), 0));
    CREATE TRIGGER backup_jobs_counts_insert AFTER INSERT ON backup_jobs BEGIN
      UPDATE backup_jobs SET disk_count = json_array_length(NEW.backup, '$.disks'),
        point_count = max(1, coalesce(json_array_length(NEW.backup, '$.points'), 0)) WHERE id = NEW.id;
    END;
    CREATE TRIGGER backup_jobs_counts_update AFTER UPDATE OF backup ON backup_jobs BEGIN
      UPDATE backup_jobs SET disk_count = json_array_length(NEW.backup, '$.disks'),
        point_count = max(1, coalesce(json_array_length(NEW.backup, '$.points'), 0)) WHERE id = NEW.id;
    END;
    """

  private static let contentsAndLimits = """
    ALTER TABLE backup_jobs ADD COLUMN contents TEXT;
    ALTER TABLE restore_jobs ADD COLUMN bandwidth_limit INTEGER;
    ALTER TABLE restore_jobs ADD COLUMN connection_limit INTEGER;
    CREATE TABLE host_limits (
      id INTEGER PRIMARY KEY CHECK (id = 1), bytes_per_second INTEGER, jobs INTEGER, connections INTEGER
    );
    """
}
