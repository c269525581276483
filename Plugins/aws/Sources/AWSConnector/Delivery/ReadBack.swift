import AWSClient
import ConnectorProtocol
import Foundation

/// Reads a snapshot's blocks, and gives the content digest of the disk that they make.
struct ReadBack: Sendable {
  private static let atOnce = 16
  /// Blocks of a snapshot in one of the digest's.
  private static let perLeaf = Int64(ContentDigest.blockBytes / EBS.blockBytes)
  /// A snapshot that was just completed may not be listed yet.
  private static let patience = 12
  private static let zeros = Data(count: ContentDigest.blockBytes)

  var ebs: EBS
  var snapshot: String
  var sizeBytes: Int64

  func digest(_ tell: @Sendable (_ done: Int64, _ total: Int64) -> Void) async throws -> String {
    var digest = ContentDigest()
    var last: Int64 = -1
    var page: String?
    var leftover: [(index: Int64, token: String)] = []
    repeat {
      let list = try await list(page)
      if let first = list.blocks.first, first.index <= last {
        throw Failure.corrupt("The listing of snapshot \(snapshot)", "block \(first.index) follows block \(last)")
      }
      last = list.blocks.last?.index ?? last
      var blocks = leftover + list.blocks
      leftover = []
      // A leaf may lie on two pages.
      if list.next != nil, let end = blocks.last, end.index % Self.perLeaf == 0 { leftover = [blocks.removeLast()] }
      try await add(blocks, to: &digest, tell)
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
    var place = blocks.startIndex
    while place < blocks.endIndex {
      // Whole leaves: the next one begins the next batch.
      var end = min(place + Self.atOnce, blocks.endIndex)
      if end < blocks.endIndex, blocks[end].index / Self.perLeaf == blocks[end - 1].index / Self.perLeaf { end += 1 }
      let batch = Array(blocks[place..<end])
      for (leaf, bytes) in try await leaves(batch).sorted(by: { $0.key < $1.key }) {
        guard leaf >= digest.blocks, leaf < ContentDigest.blocks(of: sizeBytes) else {
          throw Failure.corrupt("Snapshot \(snapshot)", "it has a block behind the end of the disk")
        }
        digest.addZeros(blocks: leaf - digest.blocks)
        digest.add(leaf: bytes == Self.zeros ? ContentDigest.zeroLeaf : leafHash(bytes))
      }
      place = end
      tell(min(sizeBytes, digest.blocks * Int64(ContentDigest.blockBytes)), sizeBytes)
    }
  }

  private func leafHash(_ bytes: Data) -> [UInt8] { bytes.withUnsafeBytes { ContentDigest.leaf(of: $0) } }

  /// The bytes of each leaf of these blocks.
  private func leaves(_ blocks: [(index: Int64, token: String)]) async throws -> [Int64: Data] {
    try await withThrowingTaskGroup(of: (Int64, Data).self) { group in
      for block in blocks {
        group.addTask { (block.index, try await ebs.get(snapshot, block.index, token: block.token)) }
      }
      var leaves: [Int64: Data] = [:]
      for try await (index, data) in group {
        let leaf = index / Self.perLeaf
        var bytes = leaves[leaf] ?? Data(count: ContentDigest.blockBytes)
        let start = bytes.startIndex + Int(index % Self.perLeaf) * EBS.blockBytes
        bytes.replaceSubrange(start..<start + EBS.blockBytes, with: data)
        leaves[leaf] = bytes
      }
      return leaves
    }
  }
}
