import AWSClient
import ConnectorHTTP
import ConnectorProtocol
import Foundation

/// Reading snapshots that somebody else has made, in whatever order.
extension EBS {
  /// Where a listing has nothing to say for so many pages, it has no end.
  private static let mostEmptyPages = 1000

  struct Listing: Sendable {
    /// In rising order, none of them before where the listing was to begin.
    var blocks: [(index: Int64, token: String)]
    /// True where no block follows.
    var isLast: Bool
  }

  /// The blocks from `index` on that a snapshot stores.
  func listing(_ snapshot: String, from index: Int64, most: Int) async throws -> Listing {
    var query = [("maxResults", String(most))]
    if index > 0 { query.append(("startingBlockIndex", String(index))) }
    for _ in 0..<Self.mostEmptyPages {
      let answer = try await api.rest(
        "ebs", "GET", "/snapshots/\(snapshot)/blocks", query: query, headers: [], body: Data(), retry: .standard)
      guard let json = JSONText.parse(answer.body) else {
        throw malformed("ListSnapshotBlocks", "it is not JSON", answer)
      }
      guard [Int64(Self.blockBytes), 512].contains(json["BlockSize"]?.integerValue ?? Int64(Self.blockBytes)) else {
        throw malformed("ListSnapshotBlocks", "blocks are not 512 KiB long", answer)
      }
      var blocks: [(index: Int64, token: String)] = []
      for block in json["Blocks"]?.arrayValue ?? [] {
        // The index comes as a number, or as text.
        let place = block["BlockIndex"]?.integerValue ?? block["BlockIndex"]?.stringValue.flatMap { Int64($0) }
        guard let place, place >= 0, let token = block["BlockToken"]?.stringValue else {
          throw malformed("ListSnapshotBlocks", "a block has no index or no token", answer)
        }
        if place >= index { blocks.append((place, token)) }
      }
      let next = json["NextToken"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
      if !blocks.isEmpty || next == nil {
        return Listing(blocks: blocks.sorted { $0.index < $1.index }, isLast: next == nil)
      }
      // A page may be empty and others follow it. Its token wins over an index.
      query = [("maxResults", String(most)), ("pageToken", next ?? "")]
    }
    throw AWSError(
      service: "ebs", operation: "ListSnapshotBlocks", code: AWSError.Codes.malformedAnswer,
      message: "A thousand pages without a block, and no end.")
  }

  /// A block's 512 KiB, which are what its checksum says; nil where they are not.
  func checkedBlock(_ snapshot: String, _ index: Int64, token: String) async throws -> Data? {
    let answer = try await api.rest(
      "ebs", "GET", "/snapshots/\(snapshot)/blocks/\(index)", query: [("blockToken", token)], headers: [],
      body: Data(), retry: .standard)
    guard answer.body.count == Self.blockBytes else { return nil }
    let algorithm = answer.headers["x-amz-checksum-algorithm"]
    guard algorithm == nil || algorithm == "SHA256", let checksum = answer.headers["x-amz-checksum"] else {
      throw malformed("GetSnapshotBlock", "block \(index) comes without its SHA-256", answer)
    }
    return Data(SHA256.hash(answer.body)).base64EncodedString() == checksum ? answer.body : nil
  }
}

extension AWSError {
  /// A block's token that has expired, or that EBS does not take any more: another listing gives a new one.
  var isStaleBlockToken: Bool { code == "ValidationException" && reason == "INVALID_BLOCK_TOKEN" }
}
