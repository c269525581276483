import Foundation
import GRDB
public import Support

/// Ascend's database: the catalog, the targets, and the jobs with their steps, operations, ledger and log.
///
/// SQLite in WAL mode with `synchronous=FULL`: what a method has written when it returns survives a power cut, which
/// the ledger's promise rests on. Several processes may use it at once.
public struct Store: Sendable {
  let database: DatabasePool

  /// Opens the database at `path`, making it or bringing it to its newest shape.
  ///
  /// - Throws: `store.failed`, `store.tooNew`.
  public init(path: String) throws(AscendError) {
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(20)
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try db.execute(sql: "PRAGMA foreign_keys = ON")
      }
      database = try DatabasePool(path: path, configuration: configuration)
      let migrator = Migrations.migrator
      if try database.read(migrator.hasBeenSuperseded) {
        throw AscendError(
          "store.tooNew", "The database was written by a newer Ascend", object: path, remedy: "Use that version")
      }
      try migrator.migrate(database)
    } catch {
      throw Self.failure(error, "The database cannot be opened", path: path)
    }
    // Plans and configurations are the owner's business alone.
    try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  func read<T: Sendable>(_ body: @Sendable (Database) throws -> T) throws(AscendError) -> T {
    do {
      return try database.read(body)
    } catch {
      throw Self.failure(error, "The database cannot be read", path: database.path)
    }
  }

  private static func failure(_ error: any Error, _ message: String, path: String) -> AscendError {
    // SQLite calls a write that found no room an I/O error as often as a full disk.
    if let failure = error as? DatabaseError, [.SQLITE_FULL, .SQLITE_IOERR].contains(failure.resultCode) {
      return AscendError(
        "store.full", message, object: path, cause: failure.message,
        remedy: "Free some space where the state is, then try again")
    }
    return AscendError.wrapping(error, as: "store.failed", message, object: path)
  }

  func write<T: Sendable>(_ body: @Sendable (Database) throws -> T) throws(AscendError) -> T {
    do {
      return try database.write(body)
    } catch {
      throw Self.failure(error, "The database cannot be written", path: database.path)
    }
  }
}
