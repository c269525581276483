import ConnectorProtocol
import Foundation

/// Which blocks a snapshot stores, and their tokens: listed as far as somebody asks, a page at a time.
///
/// What is stored is kept, at one bit a block (2 MiB for 8 TiB); tokens only of the pages that were used last, since
/// they are long and a page can be listed again.
actor SnapshotListing {
  private static let pageBlocks = 5000
  private static let mostPages = 12
  /// The longest run that is told at once: 32 GiB.
  private static let longestRun: Int64 = 65_536

  private struct Page {
    var range: Range<Int64>
    var tokens: [Int64: String]
  }

  private let fetch: @Sendable (_ from: Int64, _ most: Int) async throws -> EBS.Listing
  private let snapshot: String
  private let blockCount: Int64

  private var bits: [UInt64]
  /// What was listed: in order, and no two touch.
  private var known: [Range<Int64>] = []
  /// The page that was used last is the last.
  private var pages: [Page] = []
  private var underway: Task<Void, any Error>?

  init(
    snapshot: String, blockCount: Int64,
    fetch: @escaping @Sendable (_ from: Int64, _ most: Int) async throws -> EBS.Listing
  ) {
    self.snapshot = snapshot
    self.blockCount = blockCount
    self.fetch = fetch
    bits = [UInt64](repeating: 0, count: Int((blockCount + 63) / 64))
  }

  /// How many blocks follow from `index` on that are all stored, or all not.
  func run(from index: Int64) async throws -> (count: Int64, isStored: Bool) {
    while true {
      if let range = known.first(where: { $0.contains(index) }) {
        let isStored = has(index)
        let most = min(range.upperBound, index + Self.longestRun)
        var end = index + 1
        while end < most, has(end) == isStored { end += 1 }
        return (end - index, isStored)
      }
      try await list(from: index)
    }
  }

  /// The token of a block that is stored.
  func token(of index: Int64) async throws -> String {
    // A page that was listed may be pushed out by others before its turn comes.
    var own = 0
    while true {
      if let place = pages.lastIndex(where: { $0.range.contains(index) }) {
        let page = pages.remove(at: place)
        pages.append(page)
        guard let token = page.tokens[index] else { break }
        return token
      }
      guard own < 8 else { break }
      try Task.checkCancellation()
      if try await list(from: index) { own += 1 }
    }
    throw Failure.unreadable("Snapshot \(snapshot)", "block \(index) is not listed any more")
  }

  /// The tokens around a block are of no use any more.
  func forgetTokens(around index: Int64) {
    pages.removeAll { $0.range.contains(index) }
  }

  private func has(_ index: Int64) -> Bool { bits[Int(index >> 6)] & (1 << UInt64(index & 63)) != 0 }

  // MARK: Listing

  /// Lists a page from `index` on; who comes while one is being listed waits for that one, and looks again.
  ///
  /// - Returns: Whether it was this one's.
  @discardableResult
  private func list(from index: Int64) async throws -> Bool {
    if let underway {
      // Its failure is for whoever began it.
      _ = try? await underway.value
      return false
    }
    let task = Task {
      defer { underway = nil }
      let listing = try await fetch(index, Self.pageBlocks)
      try add(listing, from: index)
    }
    underway = task
    try await task.value
    return true
  }

  private func add(_ listing: EBS.Listing, from index: Int64) throws {
    var last = index - 1
    for block in listing.blocks {
      guard block.index > last, block.index < blockCount else {
        throw Failure.unreadable(
          "The listing of snapshot \(snapshot)", "block \(block.index) follows block \(last) of \(blockCount)")
      }
      last = block.index
      bits[Int(last >> 6)] |= 1 << UInt64(last & 63)
    }
    let end = listing.isLast ? blockCount : last + 1
    guard end > index else { throw Failure.unreadable("The listing of snapshot \(snapshot)", "it does not go on") }
    learn(index..<end)
    let tokens = Dictionary(listing.blocks.map { ($0.index, $0.token) }, uniquingKeysWith: { _, last in last })
    pages.append(Page(range: index..<end, tokens: tokens))
    if pages.count > Self.mostPages { pages.removeFirst() }
  }

  private func learn(_ range: Range<Int64>) {
    let touching = known.filter { $0.lowerBound <= range.upperBound && range.lowerBound <= $0.upperBound }
    known.removeAll { touching.contains($0) }
    let start = (touching.map(\.lowerBound) + [range.lowerBound]).min() ?? range.lowerBound
    let end = (touching.map(\.upperBound) + [range.upperBound]).max() ?? range.upperBound
    known.append(start..<end)
    known.sort { $0.lowerBound < $1.lowerBound }
  }
}
