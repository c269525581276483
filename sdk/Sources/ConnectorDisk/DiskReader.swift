import ConnectorProtocol
import Synchronization

/// Reads a disk that the host offers by NBD: only the ranges that may hold data, over several connections at once.
///
/// Memory is bounded by `connections × requestsPerConnection × chunkBytes`, whatever the disk's size.
public final class DiskReader: Sendable {
  public static let defaultChunkBytes = 512 << 10
  static let requestsPerConnection = 4

  /// What a transfer has moved and passed over.
  public struct Totals: Hashable, Sendable {
    public var bytesRead: Int64
    /// Zeros that were not read.
    public var bytesSkipped: Int64
  }

  public let uri: String
  public let sizeBytes: Int64
  /// How many connections read at once: 1 where the server does not allow for more.
  public let connectionCount: Int

  /// The connection that no transfer has at the moment.
  private let idle: Mutex<NBDConnection?>

  private init(uri: String, first: NBDConnection, connections: Int) {
    self.uri = uri
    idle = Mutex(first)
    sizeBytes = first.sizeBytes
    connectionCount = first.canServeMany ? max(1, min(connections, 16)) : 1
  }

  /// Connects to the server of an NBD URI (`nbd+unix:///disk0?socket=/run/job/d0.sock`).
  ///
  /// - Throws: `sourceUnavailable` where it cannot be reached.
  public static func open(_ uri: String, connections: Int = 4) async throws -> DiskReader {
    try await onThread {
      DiskReader(uri: uri, first: try NBDConnection(uri: uri, role: .source), connections: connections)
    }
  }

  /// Extents from `offset` on: as many as the server gives for one window of at most 2 GiB. They touch each other and
  /// the first begins at `offset`; the next window begins at the end of the last.
  public func extents(from offset: Int64) async throws -> [DiskExtent] {
    guard offset < sizeBytes else { return [] }
    let length = min(ChunkQueue.windowBytes, sizeBytes - offset)
    return try await Self.onThread { [self] in
      let connection = try takeConnection()
      let extents = try connection.extents(from: offset, length: length)
      putBack(connection)
      return extents
    }
  }

  /// Reads what may hold data and gives it to `body`, several chunks at once and in no particular order.
  ///
  /// `body` runs on the thread that reads: it may call what blocks. A lost connection is made anew once. The limits of
  /// `TransferLimits.current` are kept to, as they change.
  ///
  /// - Parameters:
  ///   - offset: What lies before it is left out: the `through` of the checkpoint that is resumed.
  ///   - chunkBytes: Chunks begin and end at multiples of this, and where data begins and ends.
  ///   - alignment: They also begin and end at multiples of this, or at the disk's end: the zeros around data are then
  ///     read with it. Divides `chunkBytes`.
  ///   - digester: Is given every block, as it is read. `offset` is then its `through`.
  ///   - zeros: Is told, in rising order and before anything behind them is read, which ranges read as zeros and are
  ///     passed over, but for what `alignment` adds to chunks.
  /// - Throws: What `body` throws; `sourceUnavailable`; `CancellationError`.
  @discardableResult
  public func forEachChunk(
    from offset: Int64 = 0, chunkBytes: Int = defaultChunkBytes, alignment: Int = 1, digester: ContentDigester? = nil,
    zeros: (@Sendable (Range<Int64>) -> Void)? = nil, _ body: @escaping @Sendable (DiskChunk) async throws -> Void
  ) async throws -> Totals {
    let chunkBytes = max(4096, chunkBytes)
    let limits = TransferLimits.current
    let queue = ChunkQueue(
      size: sizeBytes, from: offset, chunkBytes: chunkBytes, alignment: max(1, alignment), digester: digester,
      zeros: zeros)
    let executors = (0..<connectionCount).map { ThreadExecutor(name: "disk-reader-\($0)") }
    defer { for executor in executors { executor.stop() } }
    let read = try await withThrowingTaskGroup(of: Int64.self) { group in
      for (index, executor) in executors.enumerated() {
        group.addTask(executorPreference: executor) { [self] in
          // One that may not be used yet is not made either.
          if let limits, try await !limits.admit(connection: index, unless: { queue.isFinished }) { return 0 }
          var worker = ReadWorker(
            connection: try takeConnection(), index: index, queue: queue, chunkBytes: chunkBytes, limits: limits,
            digester: digester)
          let count = try await worker.run(body)
          putBack(worker.connection)
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    return Totals(bytesRead: read, bytesSkipped: queue.skipped)
  }

  private func takeConnection() throws -> NBDConnection {
    let kept = idle.withLock { idle in
      defer { idle = nil }
      return idle
    }
    return try kept ?? NBDConnection.connectPatiently(uri)
  }

  /// Keeps a connection for the next use; one after an error is closed instead, by not coming back.
  private func putBack(_ connection: NBDConnection) {
    idle.withLock { $0 = connection }
  }

  /// Runs what blocks on a thread of its own.
  private static func onThread<T: Sendable>(_ work: @Sendable () throws -> T) async throws -> T {
    let executor = ThreadExecutor(name: "disk-reader")
    defer { executor.stop() }
    return try await withTaskExecutorPreference(executor) { try work() }
  }
}
