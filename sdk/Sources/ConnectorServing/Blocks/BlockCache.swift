import ConnectorProtocol
import Foundation

/// The blocks that were read last, and those that are on their way.
///
/// Whoever wants a block that somebody else is fetching waits for it: a block is fetched once for all, by a task of the
/// cache's own, since who asked first may give up before the others do.
actor BlockCache {
  private enum Entry {
    case loading(Task<Data, any Error>)
    case ready(Data, used: UInt64)
  }

  private let source: any BlockSource
  private let capacity: Int
  private let fetchesAtOnce: Int
  private let readAhead: Int64
  private let blockCount: Int64

  private var entries: [Int64: Entry] = [:]
  private var clock: UInt64 = 0
  private var active = 0
  private var queue: [CheckedContinuation<Void, Never>] = []
  /// The blocks that were asked for last.
  private var recent: [Int64] = []
  private var isClosed = false

  private static let memory = 64

  init(_ source: any BlockSource, options: BlockDisk.Options) {
    self.source = source
    let most = max(4, options.cacheBytes / max(1, source.blockBytes))
    capacity = most
    fetchesAtOnce = max(1, options.fetchesAtOnce)
    // What is fetched ahead must still be there when it is asked for.
    readAhead = Int64(min(max(0, options.readAhead), most / 2))
    blockCount = (source.sizeBytes + Int64(source.blockBytes) - 1) / Int64(max(1, source.blockBytes))
  }

  func block(_ index: Int64) async throws -> Data {
    guard !isClosed else { throw CancellationError() }
    let isNext = recent.contains(index - 1)
    note(index)
    let task: Task<Data, any Error>
    switch entries[index] {
    case .ready(let data, _):
      clock += 1
      entries[index] = .ready(data, used: clock)
      if isNext { startAhead(of: index) }
      return data
    case .loading(let underway): task = underway
    case nil: task = start(index)
    }
    if isNext { startAhead(of: index) }
    return try await task.value
  }

  func close() {
    isClosed = true
    for case .loading(let task) in entries.values { task.cancel() }
    entries = [:]
    for continuation in queue { continuation.resume() }
    queue = []
  }

  private func note(_ index: Int64) {
    guard recent.last != index else { return }
    recent.append(index)
    if recent.count > Self.memory { recent.removeFirst(recent.count - Self.memory) }
  }

  // MARK: Fetching

  private func start(_ index: Int64) -> Task<Data, any Error> {
    let task = Task { try await load(index) }
    entries[index] = .loading(task)
    return task
  }

  private func load(_ index: Int64) async throws -> Data {
    await enter()
    defer { leave() }
    do {
      guard !isClosed else { throw CancellationError() }
      let data = try await source.block(index)
      guard data.count == source.blockBytes else {
        throw ConnectorError(
          .dataCorrupt, "Block \(index) has \(data.count) bytes instead of \(source.blockBytes).",
          remedy: "Read it again; if it is the same, the platform's copy is damaged.", outcome: .none)
      }
      guard !isClosed else { return data }
      clock += 1
      entries[index] = .ready(data, used: clock)
      makeRoom()
      return data
    } catch {
      // The next reader tries again.
      entries[index] = nil
      throw error
    }
  }

  private func enter() async {
    if active < fetchesAtOnce {
      active += 1
    } else {
      // The place of whoever leaves is handed over.
      await withCheckedContinuation { queue.append($0) }
    }
  }

  private func leave() {
    if queue.isEmpty { active -= 1 } else { queue.removeFirst().resume() }
  }

  private func makeRoom() {
    var ready = entries.compactMap { index, entry -> (index: Int64, used: UInt64)? in
      guard case .ready(_, let used) = entry else { return nil }
      return (index, used)
    }
    guard ready.count > capacity else { return }
    ready.sort { $0.used < $1.used }
    for old in ready.prefix(ready.count - capacity) { entries[old.index] = nil }
  }

  // MARK: Reading ahead

  private func startAhead(of index: Int64) {
    guard readAhead > 0, active < fetchesAtOnce else { return }
    Task { await fetchAhead(of: index) }
  }

  /// A failure here is nobody's: the block is asked for again by whoever needs it.
  private func fetchAhead(of index: Int64) async {
    var next = index + 1
    let end = min(index + readAhead, blockCount - 1)
    while next <= end {
      guard let run = try? await source.run(from: next), run.count > 0 else { return }
      // A source may say more than there is.
      let count = min(run.count, blockCount - next)
      guard run.isStored else {
        next += count
        continue
      }
      for block in next...min(end, next + count - 1) where entries[block] == nil {
        guard !isClosed, active < fetchesAtOnce, queue.isEmpty else { return }
        _ = start(block)
      }
      next += count
    }
  }
}
