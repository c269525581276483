import ConnectorDisk
import ConnectorProtocol
import Synchronization

/// What became of each block, and how far a transfer may say it has come: everything before a checkpoint's `through` was
/// given here, and of that nothing is still underway.
///
/// Memory: the blocks that are underway, and those behind the newest checkpoint.
final class BlockTally: Sendable {
  enum Kind: Sendable {
    /// Read, and zeros.
    case zeros
    /// As the parent has it: not sent.
    case unchanged
    /// Sent; `isThere` where EBS has acknowledged it before.
    case sent(isThere: Bool)
  }

  private static let pause = Duration.milliseconds(500)
  private static let unit = Int64(EBS.blockBytes)

  private struct State {
    /// Of everything before `through`.
    var counts: BlockCheckpoint.Counts
    var through: Int64
    var beyond: [Int64: Kind] = [:]
    var underway: Set<Int64> = []
    /// A checkpoint to come: it waits for what is underway before it.
    var next: BlockCheckpoint?
    var saved: ContinuousClock.Instant
    /// For the progress.
    var done: Int64
    var skipped: Int64 = 0
  }

  private let sizeBytes: Int64
  private let digester: ContentDigester
  private let state: Mutex<State>
  private let first: BlockCheckpoint

  /// - Parameter start: Where the transfer goes on; its `through` is the digester's.
  init(sizeBytes: Int64, from start: BlockCheckpoint, digester: ContentDigester) {
    self.sizeBytes = sizeBytes
    self.digester = digester
    first = start
    state = Mutex(State(counts: start.counts, through: start.through, saved: .now, done: start.through))
  }

  // MARK: Noting

  /// Before the chunk's body returns: the digest then counts it as read.
  func note(_ index: Int64, _ kind: Kind) {
    state.withLock { state in
      state.beyond[index] = kind
      if case .sent(false) = kind { state.underway.insert(index) } else { state.done += bytes(index) }
      if case .zeros = kind { state.skipped += bytes(index) }
    }
  }

  func acknowledged(_ index: Int64) {
    state.withLock { state in
      state.underway.remove(index)
      state.done += bytes(index)
    }
  }

  func passed(_ zeros: Range<Int64>) {
    let count = zeros.upperBound - zeros.lowerBound
    state.withLock { state in
      state.done += count
      state.skipped += count
    }
  }

  var progress: DiskTransfer.Progress {
    state.withLock { state in
      // Zeros beside data are read with it, and are counted twice.
      let done = min(state.done, sizeBytes)
      return DiskTransfer.Progress(done: done, total: sizeBytes, skipped: min(state.skipped, done))
    }
  }

  private func bytes(_ index: Int64) -> Int64 { min(Self.unit, sizeBytes - index * Self.unit) }

  // MARK: Checkpoints

  /// A checkpoint where one is due and possible.
  ///
  /// - Parameter now: Does not wait for one to be due.
  func checkpoint(now: Bool = false) -> BlockCheckpoint? {
    let point = digester.point
    return state.withLock { state in
      let isDue = now || state.saved.duration(to: .now) >= Self.pause
      if state.next == nil, isDue, point.through > state.through {
        fold(&state, to: point.through)
        state.next = BlockCheckpoint(
          snapshot: first.snapshot, generation: first.generation, through: point.through, counts: state.counts,
          digest: point.digest.state)
      }
      guard var next = state.next, !state.underway.contains(where: { $0 * Self.unit < next.through }) else {
        return nil
      }
      for (index, kind) in state.beyond where index * Self.unit >= next.through {
        if case .sent = kind, !state.underway.contains(index) { next.acknowledged.insert(index) }
      }
      state.next = nil
      state.saved = .now
      return next
    }
  }

  /// Counts what lies before `through` and forgets it.
  private func fold(_ state: inout State, to through: Int64) {
    for (index, kind) in state.beyond where index * Self.unit < through {
      state.counts.read += bytes(index)
      switch kind {
      case .zeros: break
      case .unchanged: state.counts.data += bytes(index)
      case .sent:
        state.counts.data += bytes(index)
        state.counts.blocks += 1
      }
      state.beyond[index] = nil
    }
    state.through = through
  }

  /// The counts of the whole disk, once everything was noted.
  func total() -> BlockCheckpoint.Counts {
    state.withLock { state in
      fold(&state, to: .max)
      return state.counts
    }
  }
}
