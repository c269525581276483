import ConnectorProtocol
import Foundation
import Synchronization

/// Moves a disk from a reader to a sink, with progress and checkpoints.
public struct DiskTransfer: Sendable {
  public struct Progress: Hashable, Sendable {
    /// Bytes that are dealt with, read or passed over; before the offset that was resumed from, all are.
    public var done: Int64
    public var total: Int64
    /// Zeros that were passed over, of those.
    public var skipped: Int64

    public init(done: Int64, total: Int64, skipped: Int64) {
      self.done = done
      self.total = total
      self.skipped = skipped
    }
  }

  public var reader: DiskReader
  public var sink: any DiskSink
  public var chunkBytes: Int
  /// A checkpoint is made when so much more has been moved; zeros that are passed over cost nothing to pass again, and
  /// do not count.
  public var checkpointBytes: Int64

  public init(
    reader: DiskReader, sink: any DiskSink, chunkBytes: Int = DiskReader.defaultChunkBytes,
    checkpointBytes: Int64 = 1 << 30
  ) {
    self.reader = reader
    self.sink = sink
    self.chunkBytes = chunkBytes
    self.checkpointBytes = checkpointBytes
  }

  /// Moves everything from `offset` on, and makes it durable.
  ///
  /// - Parameters:
  ///   - progress: Called often, from several threads.
  ///   - checkpoint: Called with `through`: the bytes before it are durable in the sink, without a gap.
  public func run(
    from offset: Int64 = 0, progress: @escaping @Sendable (Progress) -> Void = { _ in },
    checkpoint: @escaping @Sendable (Int64) -> Void = { _ in }
  ) async throws -> DiskReader.Totals {
    let tracker = TransferTracker(total: reader.sizeBytes, from: offset, every: checkpointBytes)
    let save: @Sendable (Int64) throws -> Void = { [sink] through in
      try sink.flush()
      checkpoint(through)
    }
    let totals: DiskReader.Totals
    do {
      totals = try await reader.forEachChunk(
        from: offset, chunkBytes: chunkBytes, zeros: { progress(tracker.passed($0)) },
        { [sink] chunk in
          try sink.write(chunk)
          progress(tracker.moved(chunk.offset..<chunk.end))
          try tracker.checkpointIfDue(save)
        })
    } catch {
      // What was moved need not be moved again, whatever ended the transfer. Where even that fails, the error that ended
      // it is still the one to tell.
      try? tracker.checkpointIfDue(every: 1, save)
      throw error
    }
    try sink.flush()
    if tracker.through < reader.sizeBytes { checkpoint(reader.sizeBytes) }
    return totals
  }
}

/// What a transfer has done so far, told by several threads.
private final class TransferTracker: Sendable {
  private struct State {
    var contiguous: ContiguousProgress
    var progress: DiskTransfer.Progress
  }

  private struct Newest {
    var through: Int64
    /// Bytes that had been moved when it was made.
    var moved: Int64
  }

  private let every: Int64
  private let checkpointed: Mutex<Newest>
  private let state: Mutex<State>

  init(total: Int64, from offset: Int64, every: Int64) {
    self.every = every
    checkpointed = Mutex(Newest(through: offset, moved: offset))
    state = Mutex(
      State(
        contiguous: ContiguousProgress(from: offset), progress: .init(done: offset, total: total, skipped: 0)))
  }

  func moved(_ range: Range<Int64>) -> DiskTransfer.Progress {
    state.withLock { state in
      state.contiguous.complete(range)
      state.progress.done += range.upperBound - range.lowerBound
      return state.progress
    }
  }

  func passed(_ range: Range<Int64>) -> DiskTransfer.Progress {
    state.withLock { $0.progress.skipped += range.upperBound - range.lowerBound }
    return moved(range)
  }

  /// The `through` of the newest checkpoint.
  var through: Int64 { checkpointed.withLock { $0.through } }

  /// Makes a checkpoint of what is done without a gap, where that is enough more than at the last. One at a time, so
  /// that none overtakes a later one; whoever comes while one is being made goes on, since waiting for the sink's flush
  /// would hold up every connection.
  func checkpointIfDue(every least: Int64? = nil, _ make: (Int64) throws -> Void) throws {
    _ = try checkpointed.withLockIfAvailable { last in
      let (through, moved) = state.withLock { ($0.contiguous.through, $0.progress.done - $0.progress.skipped) }
      guard through > last.through, moved - last.moved >= least ?? every else { return }
      try make(through)
      last = Newest(through: through, moved: moved)
    }
  }
}
