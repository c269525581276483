import Synchronization

/// The chunks that are still to be read, shared by the workers. It asks for extents one window at a time, so that its
/// size depends on neither the disk's size nor its fragmentation.
final class ChunkQueue: Sendable {
  /// What one window covers. A server answers with at most some 100,000 extents, and the next window starts where its
  /// answer ended.
  static let windowBytes: Int64 = 2 << 30
  /// Servers may want offsets aligned to their blocks.
  static let windowAlignment: Int64 = 64 << 10

  private struct State {
    var plan: ChunkPlan
    var chunks: [ChunkPlan.Chunk] = []
    var next = 0
    var window: Int64
    var skipped: Int64 = 0
  }

  private let size: Int64
  private let start: Int64
  private let zeros: (@Sendable (Range<Int64>) -> Void)?
  private let state: Mutex<State>

  init(
    size: Int64, from start: Int64, chunkBytes: Int, alignment: Int = 1,
    zeros: (@Sendable (Range<Int64>) -> Void)?
  ) {
    self.size = size
    self.start = start
    self.zeros = zeros
    let aligned = start / Self.windowAlignment * Self.windowAlignment
    let plan = ChunkPlan(chunkBytes: chunkBytes, from: start, alignment: alignment, size: size)
    state = Mutex(State(plan: plan, window: aligned))
  }

  /// Bytes of zeros that were passed over.
  var skipped: Int64 { state.withLock { $0.skipped } }

  /// The next chunk, or nil at the end. `extents` is called under the lock, on the worker's own thread: the others wait
  /// for what it brings.
  func take(_ extents: (_ offset: Int64, _ length: Int64) throws -> [DiskExtent]) throws -> ChunkPlan.Chunk? {
    try state.withLock { state in
      while state.next == state.chunks.count {
        state.chunks.removeAll(keepingCapacity: true)
        state.next = 0
        guard state.window < size else { return nil }
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
      defer { state.next += 1 }
      return state.chunks[state.next]
    }
  }
}
