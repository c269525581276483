import ConnectorProtocol
import Synchronization

/// The chunks that are still to be read, shared by the workers. It asks for extents one window at a time, so that its
/// size depends on neither the disk's size nor its fragmentation.
final class ChunkQueue: Sendable {
  /// What one window covers. A server answers with at most some 100,000 extents, and the next window starts where its
  /// answer ended.
  static let windowBytes: Int64 = 2 << 30
  /// Servers may want offsets aligned to their blocks.
  static let windowAlignment: Int64 = 64 << 10

  /// Chunks that one worker reads, in order: all those of one stretch of the disk. What lies between them is zeros.
  struct Group: Equatable {
    var range: Range<Int64>
    var chunks: [ChunkPlan.Chunk]
  }

  private struct State {
    var plan: ChunkPlan
    var chunks: [ChunkPlan.Chunk] = []
    var next = 0
    var window: Int64
    var skipped: Int64 = 0
    /// Everything before it was given to a worker or is zeros.
    var passed: Int64
    var finished = false
  }

  private let size: Int64
  private let start: Int64
  private let groupBytes: Int64
  private let zeros: (@Sendable (Range<Int64>) -> Void)?
  private let digester: ContentDigester?
  private let state: Mutex<State>

  /// - Parameter digester: Is told of the blocks of zeros between groups; `start` is then a block's start or the end.
  init(
    size: Int64, from start: Int64, chunkBytes: Int, alignment: Int = 1, digester: ContentDigester? = nil,
    zeros: (@Sendable (Range<Int64>) -> Void)?
  ) {
    self.size = size
    self.start = start
    self.zeros = zeros
    self.digester = digester
    // With a digest a group is made of whole blocks too: no block is then shared by two workers.
    groupBytes = digester == nil ? Int64(chunkBytes) : Self.leastMultiple(chunkBytes, ContentDigest.blockBytes)
    let aligned = start / Self.windowAlignment * Self.windowAlignment
    let plan = ChunkPlan(chunkBytes: chunkBytes, from: start, alignment: alignment, size: size)
    state = Mutex(State(plan: plan, window: aligned, passed: start))
  }

  private static func leastMultiple(_ a: Int, _ b: Int) -> Int64 {
    var (large, small) = (a, b)
    while small != 0 { (large, small) = (small, large % small) }
    return Int64(a / large) * Int64(b)
  }

  /// Bytes of zeros that were passed over.
  var skipped: Int64 { state.withLock { $0.skipped } }

  /// True once there is nothing left to take.
  var isFinished: Bool { state.withLock { $0.finished } }

  /// The next group, or nil at the end. `extents` is called under the lock, on the worker's own thread: the others wait
  /// for what it brings.
  func take(_ extents: (_ offset: Int64, _ length: Int64) throws -> [DiskExtent]) throws -> Group? {
    try state.withLock { state in
      while true {
        if let group = nextGroup(&state) { return group }
        guard state.window < size else {
          pass(to: size, &state)
          state.finished = true
          return nil
        }
        state.chunks.removeFirst(state.next)
        state.next = 0
        for extent in try extents(state.window, min(Self.windowBytes, size - state.window)) {
          state.chunks += state.plan.add(extent)
          state.window = extent.end
          let from = max(extent.offset, start)
          if !extent.allocated, from < extent.end {
            state.skipped += extent.end - from
            zeros?(from..<extent.end)
          }
        }
        if state.window >= size { state.chunks += state.plan.finish() }
      }
    }
  }

  /// The next group, where all of its chunks are known.
  private func nextGroup(_ state: inout State) -> Group? {
    guard state.next < state.chunks.count else { return nil }
    let begin = state.chunks[state.next].offset / groupBytes * groupBytes
    let end = begin + groupBytes
    let after = state.chunks[state.next...].firstIndex { $0.offset >= end }
    guard let upper = after ?? (state.window >= size ? state.chunks.count : nil) else { return nil }
    let range = max(begin, start)..<min(end, size)
    defer {
      state.next = upper
      pass(to: range.lowerBound, &state)
      state.passed = range.upperBound
    }
    return Group(range: range, chunks: Array(state.chunks[state.next..<upper]))
  }

  private func pass(to offset: Int64, _ state: inout State) {
    guard offset > state.passed else { return }
    digester?.addZeros(blocks: ContentDigest.blocks(of: state.passed)..<ContentDigest.blocks(of: offset))
    state.passed = offset
  }
}
