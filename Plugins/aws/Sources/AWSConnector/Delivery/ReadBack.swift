import AWSClient
import ConnectorProtocol
import Foundation

/// Reads a snapshot's blocks, and gives the content digest of the disk that they make.
struct ReadBack: Sendable {
  private static let atOnce = 16
  private static let mostEmptyPages = 1000
  /// A snapshot that was just completed may not be listed yet.
  private static let patience = 12

  var ebs: EBS
  var snapshot: String
  var sizeBytes: Int64

  func digest(_ tell: @Sendable (_ done: Int64, _ total: Int64) -> Void) async throws -> String {
    var digest = ContentDigest()
    var last: Int64 = -1
    var page: String?
    var emptyPages = 0
    repeat {
      let list = try await list(page)
      emptyPages = list.blocks.isEmpty ? emptyPages + 1 : 0
      guard emptyPages < Self.mostEmptyPages, list.next == nil || list.next != page else {
        throw Failure.corrupt("The listing of snapshot \(snapshot)", "it does not go on")
      }
      if let first = list.blocks.first, first.index <= last {
        throw Failure.corrupt("The listing of snapshot \(snapshot)", "block \(first.index) follows block \(last)")
      }
      last = list.blocks.last?.index ?? last
      try await add(list.blocks, to: &digest, tell)
      page = list.next
    } while page != nil
    digest.addZeros(blocks: ContentDigest.blocks(of: sizeBytes) - digest.blocks)
    tell(sizeBytes, sizeBytes)
    guard let text = digest.text(sizeBytes: sizeBytes) else {
      throw Failure.corrupt("Snapshot \(snapshot)", "it has blocks behind the end of the disk")
    }
    return text
  }

  private func list(_ page: String?) async throws -> EBS.Page {
    for attempt in 1... {
      do { return try await ebs.list(snapshot, page: page) } catch let error as AWSError
        where error.isNotFound && attempt < Self.patience
      { try await Task.sleep(for: .seconds(attempt)) }
    }
    return try await ebs.list(snapshot, page: page)
  }

  private func add(
    _ blocks: [(index: Int64, token: String)], to digest: inout ContentDigest, _ tell: (Int64, Int64) -> Void
  ) async throws {
    for start in stride(from: 0, to: blocks.count, by: Self.atOnce) {
      let batch = blocks[start..<min(start + Self.atOnce, blocks.count)]
      for (index, leaf) in try await leaves(batch).sorted(by: { $0.key < $1.key }) {
        guard index >= digest.blocks, index < ContentDigest.blocks(of: sizeBytes) else {
          throw Failure.corrupt("Snapshot \(snapshot)", "it has a block behind the end of the disk")
        }
        digest.addZeros(blocks: index - digest.blocks)
        digest.add(leaf: leaf)
      }
      tell(min(sizeBytes, digest.blocks * Int64(ContentDigest.blockBytes)), sizeBytes)
    }
  }

  /// A snapshot's blocks are the content digest's.
  private func leaves(_ blocks: ArraySlice<(index: Int64, token: String)>) async throws -> [Int64: [UInt8]] {
    try await withThrowingTaskGroup(of: (Int64, [UInt8]).self) { group in
      for block in blocks {
        group.addTask { (block.index, SHA256.hash(try await ebs.get(snapshot, block.index, token: block.token))) }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }
}
