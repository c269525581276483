package import AWSClient
import ConnectorProtocol
import Foundation

/// The EBS direct APIs.
package struct EBS: Sendable {
  /// A disk's part that is written or read at once.
  static let blockBytes = MachineLimits.blockBytes
  /// Minutes without a block until EBS gives a snapshot up: a restore may pause, but not for ever.
  private static let timeout: Int64 = 360

  var api: any AWSAPI

  package init(api: any AWSAPI) {
    self.api = api
  }

  struct Start: Sendable {
    var gibibytes: Int64
    var token: String
    var tags: [(String, String)]
    var description: String
    var parent: String?
    /// Encrypts a snapshot without a parent; one with a parent is encrypted as that is.
    var kmsKeyARN: String?
  }

  struct Begun: Sendable {
    var id: String
    /// By the services' clock.
    var at: Date?
  }

  /// Begins a snapshot. The same token gives the same snapshot, though it may have been removed since.
  func start(_ start: Start) async throws -> Begun {
    var body: [String: JSONValue] = [
      "VolumeSize": .integer(start.gibibytes), "ClientToken": .string(start.token), "Timeout": .integer(Self.timeout),
      "Description": .string(String(start.description.prefix(255))),
      "Tags": .array(start.tags.map { ["Key": .string($0.0), "Value": .string($0.1)] }),
    ]
    if let parent = start.parent {
      body["ParentSnapshotId"] = .string(parent)
    } else if let key = start.kmsKeyARN {
      body["Encrypted"] = true
      body["KmsKeyArn"] = .string(key)
    }
    let answer = try await api.rest(
      "ebs", "POST", "/snapshots", query: [], headers: [("Content-Type", "application/json")],
      body: try CanonicalJSON.encode(JSONValue.object(body)), retry: .standard)
    let json = JSONText.parse(answer.body)
    guard let id = json?["SnapshotId"]?.stringValue, !id.isEmpty else {
      throw malformed("StartSnapshot", "it names no snapshot", answer)
    }
    // A simulator says 512, and means KiB.
    guard [Int64(Self.blockBytes), 512].contains(json?["BlockSize"]?.integerValue ?? Int64(Self.blockBytes)) else {
      throw malformed("StartSnapshot", "blocks are not 512 KiB long", answer)
    }
    return Begun(id: id, at: Self.date(json?["StartTime"]))
  }

  /// Seconds since 1970, with a fraction or without.
  private static func date(_ value: JSONValue?) -> Date? {
    switch value {
    case .integer(let seconds): Date(timeIntervalSince1970: Double(seconds))
    case .number(let seconds) where seconds.isFinite: Date(timeIntervalSince1970: seconds)
    default: nil
    }
  }

  /// Writes a block, once: whoever writes many must see each refusal.
  ///
  /// - Parameter digest: SHA-256 of the 512 KiB, in Base64.
  func put(_ snapshot: String, _ index: Int64, _ block: Data, digest: String, percent: Int?) async throws {
    var headers = [
      ("Content-Type", "application/octet-stream"), ("x-amz-Data-Length", String(Self.blockBytes)),
      ("x-amz-Checksum", digest), ("x-amz-Checksum-Algorithm", "SHA256"),
    ]
    if let percent { headers.append(("x-amz-Progress", String(percent))) }
    _ = try await api.rest(
      "ebs", "PUT", "/snapshots/\(snapshot)/blocks/\(index)", query: [], headers: headers, body: block, retry: .once)
  }

  /// - Parameters:
  ///   - count: Different blocks that were written.
  ///   - linear: SHA-256, in Base64, of their digests in order; nil where it is not known.
  func complete(_ snapshot: String, count: Int64, linear: String?) async throws {
    var headers = [("x-amz-ChangedBlocksCount", String(count))]
    if let linear {
      headers += [
        ("x-amz-Checksum", linear), ("x-amz-Checksum-Algorithm", "SHA256"),
        ("x-amz-Checksum-Aggregation-Method", "LINEAR"),
      ]
    }
    _ = try await api.rest(
      "ebs", "POST", "/snapshots/completion/\(snapshot)", query: [], headers: headers, body: Data(), retry: .standard)
  }

  struct Page: Sendable {
    /// In rising order.
    var blocks: [(index: Int64, token: String)]
    var next: String?
  }

  func list(_ snapshot: String, page token: String?) async throws -> Page {
    let query = [("maxResults", "10000")] + (token.map { [("pageToken", $0)] } ?? [])
    let answer = try await api.rest(
      "ebs", "GET", "/snapshots/\(snapshot)/blocks", query: query, headers: [], body: Data(), retry: .standard)
    guard let json = JSONText.parse(answer.body) else {
      throw malformed("ListSnapshotBlocks", "it is not JSON", answer)
    }
    let blocks = try (json["Blocks"]?.arrayValue ?? []).map { block in
      // The index comes as a number, or as text.
      let index = block["BlockIndex"]?.integerValue ?? block["BlockIndex"]?.stringValue.flatMap { Int64($0) }
      guard let index, index >= 0, let token = block["BlockToken"]?.stringValue else {
        throw malformed("ListSnapshotBlocks", "a block has no index or no token", answer)
      }
      return (index: index, token: token)
    }
    let next = json["NextToken"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    return Page(blocks: blocks.sorted { $0.index < $1.index }, next: next)
  }

  /// A block's 512 KiB.
  func get(_ snapshot: String, _ index: Int64, token: String) async throws -> Data {
    let answer = try await api.rest(
      "ebs", "GET", "/snapshots/\(snapshot)/blocks/\(index)", query: [("blockToken", token)], headers: [],
      body: Data(), retry: .standard)
    guard answer.body.count == Self.blockBytes else {
      throw malformed("GetSnapshotBlock", "block \(index) has \(answer.body.count) bytes", answer)
    }
    return answer.body
  }

  func malformed(_ operation: String, _ why: String, _ answer: AWSResponse) -> AWSError {
    AWSError(
      service: "ebs", operation: operation, status: answer.status, code: AWSError.Codes.malformedAnswer,
      message: "The answer cannot be used: \(why).", requestId: answer.requestId)
  }
}
