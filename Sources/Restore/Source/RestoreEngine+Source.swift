import Backups
import ConnectorProtocol
import Connectors
import Disks
import Foundation
public import Support

/// Backups whose disks lie on a platform: the connector that reads them runs for as long as somebody works with them.
extension RestoreEngine {
  /// Runs `body` with a backup whose disks can be read: as it is where they lie in files, else while its connector
  /// offers them.
  ///
  /// - Throws: `backup.changed` where the platform holds another content under the address; `source.lost` where the
  ///   connector ended before `body` did; `target.unknown`, `connector.…`, and what `body` throws.
  public func withDisks<T: Sendable>(
    of record: BackupRecord, _ body: @escaping @Sendable (BackupRecord) async throws -> T
  ) async throws(AscendError) -> T {
    do {
      guard record.backup.needsOffer, let origin = record.backup.origin else { return try await body(record) }
      return try await withSource(origin) { source in try await body(try source.offering(record)) }
    } catch {
      throw AscendError.wrapping(error, as: "backup.unreadable", "The backup cannot be used", object: record.path)
    }
  }

  /// The same for a job: with the sockets where every attempt has them, since its overlays name them.
  func withDisks<T: Sendable>(
    of record: BackupRecord, job: JobID, folder: String, board: JobBoard,
    _ body: @escaping @Sendable (BackupRecord) async throws -> T
  ) async throws -> T {
    guard record.backup.needsOffer, let origin = record.backup.origin else { return try await body(record) }
    let sockets = try SocketPath.source(job: job, folder: folder)
    defer { Self.removeSockets(sockets) }
    board.message("opening the backup")
    return try await withSource(
      origin, sockets: sockets, workFolder: folder + "/source-connector", events: SourceEvents(board: board)
    ) { source in
      try await body(try source.offering(record))
    }
  }

  /// The same outside any job, before there is a backup.
  func withSource<T: Sendable>(
    _ origin: RemoteOrigin, _ body: @escaping @Sendable (OpenSource) async throws -> T
  ) async throws -> T {
    let id = JobID(TimeOrderedUUID.make())
    let folder = state.path + "/sources/" + id.rawValue
    try StateDirectory.makePrivate(folder)
    let sockets = try SocketPath.source(job: id, folder: folder)
    defer {
      Self.removeSockets(sockets)
      try? FileManager.default.removeItem(atPath: folder)
    }
    return try await withSource(
      origin, sockets: sockets, workFolder: folder + "/connector", events: LoggedEvents(logger: logger), body)
  }

  /// Nobody serves them any more. The folder above goes too where it is a short one of their own, and empty.
  private static func removeSockets(_ folder: String) {
    try? FileManager.default.removeItem(atPath: folder)
    let above = (folder as NSString).deletingLastPathComponent
    if (above as NSString).lastPathComponent.hasPrefix("ascend-") { rmdir(above) }
  }

  private func withSource<T: Sendable>(
    _ origin: RemoteOrigin, sockets: String, workFolder: String, events: any ConnectorEvents,
    _ body: @escaping @Sendable (OpenSource) async throws -> T
  ) async throws -> T {
    let target = try store.target(origin.target)
    let installation = try connectors.find(target.platform)
    try StateDirectory.makePrivate(sockets)
    let outcome: Result<T, any Error>
    do {
      outcome = try await withSession(
        target: target, installation: installation, workFolder: workFolder, events: events
      ) { session in
        let opened = try await session.call(SourceOpen(addresses: origin.addresses, folder: sockets))
        let source = OpenSource(origin: origin, opened: opened, folder: sockets)
        // What the body throws is told from what the session throws: only the latter is the source's platform's.
        let outcome: Result<T, any Error>
        do { outcome = .success(try await Self.watched(session, origin) { try await body(source) }) } catch {
          outcome = .failure(error)
        }
        // The session ends next, and with it all that it serves: a refusal here would change nothing.
        _ = try? await session.call(SourceClose(folder: sockets))
        return outcome
      }
    } catch {
      throw Self.hostError(error, target: target)
    }
    return try outcome.get()
  }

  /// Runs `body`, and cancels it when the connector ends: nothing can be read any more, and whoever reads need not find
  /// that out by trying.
  private static func watched<T: Sendable>(
    _ session: OpenSession, _ origin: RemoteOrigin, _ body: @escaping @Sendable () async throws -> T
  ) async throws -> T {
    try await withThrowingTaskGroup(of: T.self) { group in
      group.addTask {
        do { return try await body() } catch {
          // An error of reading may be there before the watch has looked.
          guard !Task.isCancelled, await isLost(session) else { throw error }
          throw lost(origin, error)
        }
      }
      group.addTask {
        while true {
          try await Task.sleep(for: watchPause)
          if await isLost(session) { throw lost(origin, nil) }
        }
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }

  private static let watchPause = Duration.seconds(1)

  private static func isLost(_ session: OpenSession) async -> Bool {
    do {
      _ = try await session.call(Ping(), deadline: CallDeadline(idle: nil, absolute: .seconds(10)))
      return false
    } catch let error as AscendError {
      return error.code != "cancelled" && !Task.isCancelled
    } catch { return false }
  }

  private static func lost(_ origin: RemoteOrigin, _ error: (any Error)?) -> AscendError {
    AscendError(
      "source.lost", "The connector that reads the backup's disks ended while they were needed", object: origin.path,
      cause: error.map { ($0 as? AscendError)?.message ?? String(describing: $0) },
      remedy: "Retry: what was moved before is not moved again")
  }
}
