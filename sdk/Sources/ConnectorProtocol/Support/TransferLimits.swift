import Synchronization

/// The limits that the host sets for the disk transfers of this process; they may change while these run.
///
/// The connector kit keeps `current` for as long as an operation runs, and `DiskReader` keeps to it by itself. A
/// connector that reads a disk in another way asks `admit(bytes:)` before each piece.
public final class TransferLimits: Sendable {
  /// Those of the operation that runs in this task.
  @TaskLocal public static var current: TransferLimits?

  /// A change is seen after so long at most.
  private static let step = Duration.milliseconds(200)

  private struct State {
    var bucket = TokenBucket(at: .now)
    var connections: Int?
  }

  private let state = Mutex(State())

  public init() {}

  /// Sets all limits anew.
  public func set(_ limits: LimitsNotification) {
    state.withLock { state in
      state.bucket.setRate(limits.bytesPerSecond.map(Double.init), at: .now)
      state.connections = limits.connections.map { max($0, 1) }
    }
  }

  /// Takes bytes where they can be had at once.
  public func admits(bytes: Int) -> Bool {
    state.withLock { $0.bucket.take(bytes, at: .now) } == nil
  }

  /// Waits until `bytes` more may be read.
  ///
  /// - Throws: `CancellationError`.
  public func admit(bytes: Int) async throws {
    while let pause = state.withLock({ $0.bucket.take(bytes, at: .now) }) {
      try await Task.sleep(for: min(max(pause, .milliseconds(1)), Self.step))
    }
  }

  /// True where a transfer's connection of that index, from 0, may be used.
  public func admits(connection index: Int) -> Bool {
    state.withLock { $0.connections.map { index < $0 } ?? true }
  }

  /// Waits until it may; false where `isOver` says that there is nothing left for it to do.
  public func admit(connection index: Int, unless isOver: () -> Bool) async throws -> Bool {
    while !admits(connection: index) {
      guard !isOver() else { return false }
      try await Task.sleep(for: .milliseconds(50))
    }
    return true
  }
}
