import ConnectorProtocol
import Foundation

/// Where a transfer can be taken up again, by any process of this connector.
struct CheckpointToken: Codable, Hashable, Sendable {
  /// Bytes from the disk's start that are durable in the machine's folder.
  var through: Int64
  /// Names the content that they are of.
  var generation: String
  /// Zeros among them that were not moved.
  var skipped: Int64

  func text() throws -> String { String(decoding: try CanonicalJSON.encode(self), as: UTF8.self) }

  static func read(_ text: String, disk: MachinePlan.Disk) throws -> CheckpointToken {
    guard let token = try? JSONDecoder().decode(CheckpointToken.self, from: Data(text.utf8)),
      (0...disk.sizeBytes).contains(token.through), (0...token.through).contains(token.skipped)
    else { throw stale(disk, "it is none of this connector's") }
    return token
  }

  static func stale(_ disk: MachinePlan.Disk, _ why: String) -> ConnectorError {
    ConnectorError(
      .staleCheckpoint, "Disk \(disk.index) cannot be taken up at its checkpoint: \(why).",
      remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
  }
}
