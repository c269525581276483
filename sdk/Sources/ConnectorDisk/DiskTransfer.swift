public import ConnectorProtocol
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

  /// From where a transfer can be taken up again.
  public struct Point: Hashable, Sendable {
    /// The bytes before it are durable in the sink, without a gap.
    public var through: Int64
    /// The content digest of the bytes before it, where one is being computed.
    public var digest: ContentDigest?
  }

  public var reader: DiskReader
  public var sink: any DiskSink
  public var chunkBytes: Int
  /// A checkpoint is made when so much more has been moved; zeros that are passed over cost nothing to pass again, and
  /// do not count.
  public var checkpointBytes: Int64
  /// Computes the content digest of what moves. A transfer that is resumed starts at its `through`.
  public var digester: ContentDigester?

  public init(
    reader: DiskReader, sink: any DiskSink, chunkBytes: Int = DiskReader.defaultChunkBytes,
    checkpointBytes: Int64 = 1 << 30, digester: ContentDigester? = nil
  ) {
    self.reader = reader
    self.sink = sink
    self.chunkBytes = chunkBytes
    self.checkpointBytes = checkpointBytes
    self.digester = digester
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
    try await run(from: offset, progress: progress, saving: { checkpoint($0.through) })
  }

  /// The same, with checkpoints that hold the state of the digest.
  public func run(
    from offset: Int64 = 0, progress: @escaping @Sendable (Progress) -> Void = { _ in },
    saving checkpoint: @escaping @Sendable (Point) -> Void
  ) async throws -> DiskReader.Totals {
    let tracker = TransferTracker(
      total: reader.sizeBytes, from: offset, every: checkpointBytes, digester: digester)
    let save: @Sendable (Point) throws -> Void = { [sink] point in
      try sink.flush()
      checkpoint(point)
    }
    let totals: DiskReader.Totals
    do {
      totals = try await reader.forEachChunk(
        from: offset, chunkBytes: chunkBytes, digester: digester, zeros: { progress(tracker.passed($0)) },
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
    if tracker.through < reader.sizeBytes {
      checkpoint(Point(through: reader.sizeBytes, digest: digester?.point.digest))
    }
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
  private let digester: ContentDigester?
  private let checkpointed: Mutex<Newest>
  private let state: Mutex<State>

  init(total: Int64, from offset: Int64, every: Int64, digester: ContentDigester?) {
    self.every = every
    self.digester = digester
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
  func checkpointIfDue(every least: Int64? = nil, _ make: (DiskTransfer.Point) throws -> Void) throws {
    _ = try checkpointed.withLockIfAvailable { last in
      let (through, moved) = state.withLock { ($0.contiguous.through, $0.progress.done - $0.progress.skipped) }
      guard through > last.through, moved - last.moved >= least ?? every else { return }
      let point = digested() ?? DiskTransfer.Point(through: through)
      guard point.through > last.through else { return }
      try make(point)
      last = Newest(through: point.through, moved: moved)
    }
  }

  /// How far the digest is: never further than what was moved, since a chunk is hashed after it was written.
  private func digested() -> DiskTransfer.Point? {
    digester.map { digester in
      let point = digester.point
      return DiskTransfer.Point(through: point.through, digest: point.digest)
    }
  }
}
