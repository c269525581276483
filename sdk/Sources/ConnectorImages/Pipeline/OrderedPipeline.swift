import ConnectorDisk
import ConnectorProtocol
import Foundation

/// Takes chunks in any order from several threads, packs them on several threads, and gives them back in the order of
/// their offsets. What it holds is bounded: who brings too much too early waits, but never the one that is next.
///
/// `@unchecked Sendable`: everything that changes is in `state`, behind `lock`.
final class OrderedPipeline<Packer: ChunkPacker>: @unchecked Sendable {
  private struct Job {
    var offset: Int64
    var bytes: [UInt8]
  }

  private struct State {
    var jobs: [Job] = []
    var order = ChunkOrder()
    /// Chunks that were brought and not taken yet.
    var held = 0
    var isComplete = false
    var failure: (any Error)?
    var consumer: CheckedContinuation<Void, Never>?

    /// Whether `take` has something to say.
    var hasAnswer: Bool { failure != nil || order.hasNext || (isComplete && held == 0) }
  }

  private let depth: Int
  private let packsInline: Bool
  private let makePacker: @Sendable () -> Packer
  private let lock = NSCondition()
  private var state = State()

  /// - Parameters:
  ///   - threads: How many pack; 0 for those that bring the chunks.
  ///   - depth: How many chunks are held, but for the one that is next.
  init(threads: Int, depth: Int, makePacker: @escaping @Sendable () -> Packer) {
    self.depth = depth
    packsInline = threads == 0
    self.makePacker = makePacker
    for index in 0..<threads {
      let thread = Thread { [self] in work() }
      thread.name = "image-packer-\(index)"
      thread.start()
    }
  }

  // MARK: Bringing

  /// Notes that `range` holds zeros. Comes in rising order, before any chunk behind it.
  func pass(_ range: Range<Int64>) {
    change { $0.order.pass(range) }
  }

  /// Takes a chunk; blocks while too many are held. Throws what ended the pipeline.
  func bring(_ chunk: DiskChunk) throws {
    let bytes = [UInt8](chunk.bytes)
    lock.lock()
    while state.failure == nil, state.held >= depth, !state.order.isNext(chunk.offset) { lock.wait() }
    if let failure = state.failure {
      lock.unlock()
      throw failure
    }
    state.held += 1
    guard packsInline else {
      let job = Job(offset: chunk.offset, bytes: bytes)
      // The one that everybody waits for does not queue.
      if state.order.isNext(chunk.offset) { state.jobs.insert(job, at: 0) } else { state.jobs.append(job) }
      lock.broadcast()
      return lock.unlock()
    }
    lock.unlock()
    var packer = makePacker()
    let packed = try packer.pack(bytes, at: chunk.offset)
    change { $0.order.add(packed) }
  }

  /// Notes that all chunks were brought.
  func complete() {
    change { $0.isComplete = true }
  }

  /// Ends the pipeline with `error`, unless it has ended: everybody who waits is told.
  func fail(_ error: any Error) {
    change { if $0.failure == nil { $0.failure = error } }
  }

  // MARK: Packing

  private func work() {
    var packer = makePacker()
    while let job = nextJob() {
      do {
        let packed = try packer.pack(job.bytes, at: job.offset)
        change { $0.order.add(packed) }
      } catch {
        fail(error)
      }
    }
  }

  private func nextJob() -> Job? {
    lock.lock()
    defer { lock.unlock() }
    while state.jobs.isEmpty, state.failure == nil, !state.isComplete { lock.wait() }
    guard state.failure == nil, !state.jobs.isEmpty else { return nil }
    return state.jobs.removeFirst()
  }

  // MARK: Taking

  /// The next chunk in the order of the disk, or nil after the last. One caller at a time.
  func take() async throws -> PackedChunk? {
    while true {
      switch poll() {
      case .chunk(let chunk): return chunk
      case .end: return nil
      case .failure(let error): throw error
      case .wait: await answer()
      }
    }
  }

  private enum Poll {
    case chunk(PackedChunk), end, wait
    case failure(any Error)
  }

  private func poll() -> Poll {
    lock.lock()
    defer { lock.unlock() }
    if let failure = state.failure { return .failure(failure) }
    if let chunk = state.order.takeNext() {
      state.held -= 1
      lock.broadcast()
      return .chunk(chunk)
    }
    return state.isComplete && state.held == 0 ? .end : .wait
  }

  /// Waits until there is something to say; the end of the task ends the pipeline.
  private func answer() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        lock.lock()
        // Looked at again under the lock: what came between the poll and now must not be missed.
        let waits = !state.hasAnswer
        if waits { state.consumer = continuation }
        lock.unlock()
        if !waits { continuation.resume() }
      }
    } onCancel: {
      fail(CancellationError())
    }
  }

  /// Changes the state, and wakes whoever waits for such a change.
  private func change(_ body: (inout State) -> Void) {
    lock.lock()
    body(&state)
    var consumer: CheckedContinuation<Void, Never>?
    if state.hasAnswer {
      consumer = state.consumer
      state.consumer = nil
    }
    lock.broadcast()
    lock.unlock()
    consumer?.resume()
  }
}
