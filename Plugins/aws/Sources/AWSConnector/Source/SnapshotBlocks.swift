import AWSClient
import ConnectorProtocol
import ConnectorServing
import Foundation

/// A snapshot's blocks, read through the EBS direct APIs as somebody asks for them.
struct SnapshotBlocks: BlockSource {
  private static let attempts = 3
  /// A snapshot that was just completed may not be listed yet.
  private static let patience = 12

  let ebs: EBS
  let snapshot: String
  let sizeBytes: Int64
  let blockBytes = EBS.blockBytes
  private let listing: SnapshotListing

  init(ebs: EBS, snapshot: String, sizeBytes: Int64) {
    self.ebs = ebs
    self.snapshot = snapshot
    self.sizeBytes = sizeBytes
    let blockCount = (sizeBytes + Int64(EBS.blockBytes) - 1) / Int64(EBS.blockBytes)
    listing = SnapshotListing(snapshot: snapshot, blockCount: blockCount) { index, most in
      try await Self.list(ebs, snapshot, from: index, most: most)
    }
  }

  func run(from index: Int64) async throws -> BlockRun {
    let (count, isStored) = try await listing.run(from: index)
    return BlockRun(count: count, isStored: isStored)
  }

  func block(_ index: Int64) async throws -> Data {
    try await Failure.translating("Reading block \(index) of snapshot \(snapshot)", outcome: .none) {
      for attempt in 1...Self.attempts {
        let token = try await listing.token(of: index)
        do {
          if let data = try await ebs.checkedBlock(snapshot, index, token: token) { return data }
        } catch let error as AWSError where error.isStaleBlockToken && attempt < Self.attempts {
          await listing.forgetTokens(around: index)
        }
      }
      throw Failure.unreadable(
        "Block \(index) of snapshot \(snapshot)", "its bytes are not those of its checksum, \(Self.attempts) times")
    }
  }

  private static func list(_ ebs: EBS, _ snapshot: String, from index: Int64, most: Int) async throws -> EBS.Listing {
    try await Failure.translating("Listing the blocks of snapshot \(snapshot)", outcome: .none) {
      for attempt in 1..<patience {
        do {
          return try await ebs.listing(snapshot, from: index, most: most)
        } catch let error as AWSError where error.isNotFound {
          try await Task.sleep(for: .milliseconds(min(attempt, 5) * 500))
        }
      }
      return try await ebs.listing(snapshot, from: index, most: most)
    }
  }
}

extension Failure {
  static func unreadable(_ what: String, _ why: String) -> ConnectorError {
    ConnectorError(
      .dataCorrupt, "\(what) cannot be read: \(why).",
      remedy: "Read it again; copy the snapshot (CopySnapshot) and read the copy if it happens again.", outcome: .none)
  }
}
