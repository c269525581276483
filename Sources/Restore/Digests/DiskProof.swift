import ConnectorProtocol
import Support

/// What is proven of a disk that was transferred: which contents were compared, and found the same.
struct DiskProof: Codable, Hashable, Sendable {
  /// One of the parties that know what the disk holds.
  enum Side: String, Codable, Sendable {
    /// The catalog, from an earlier reading of the backup.
    case recorded
    /// The host, which read the disk that it offered.
    case offered
    /// The connector, while it read.
    case read
    /// The connector, reading back what it had written.
    case written

    var words: String {
      switch self {
      case .recorded: "what the catalog holds of the backup's disk"
      case .offered: "what this host read of the prepared disk"
      case .read: "what the connector read"
      case .written: "what the connector read back from the platform"
      }
    }
  }

  /// A content that is known, and from whom.
  struct Expectation: Hashable, Sendable {
    var digest: String
    var side: Side
  }

  /// The content digest that all sides agree on; nil where nobody computed one.
  var digest: String?
  /// Those who computed it, each by itself.
  var sides: [Side]
  /// What was not compared, and why not.
  var notes: [String]

  /// Compares everything that is known of a disk.
  ///
  /// - Throws: `disk.contentDiffers` naming both sides and their digests.
  static func make(
    disk: Int, expected: Expectation?, result: DiskReceive.Result, notes: [String]
  ) throws(AscendError) -> DiskProof {
    var known: [Expectation] = []
    if let expected { known.append(expected) }
    if let digest = result.digest { known.append(Expectation(digest: digest, side: .read)) }
    if let platform = result.platformDigest, platform.algorithm == DiskReceive.PlatformDigest.content {
      known.append(Expectation(digest: platform.value, side: .written))
    }
    if let first = known.first, let other = known.first(where: { $0.digest != first.digest }) {
      throw AscendError(
        "disk.contentDiffers", "Disk \(disk) did not arrive as it was", object: "disk \(disk)",
        cause: "\(first.side.words) is \(first.digest), \(other.side.words) is \(other.digest)",
        remedy: "Restore again; if it differs again, check the memory and the storage on the way")
    }
    return DiskProof(digest: known.first?.digest, sides: known.map(\.side), notes: notes)
  }

  /// Lines for a report.
  var lines: [String] {
    var lines: [String] = []
    if sides.count > 1 {
      lines.append("verified, the same: " + sides.map(\.words).joined(separator: "; "))
    } else if let side = sides.first {
      lines.append("not compared with anything: \(side.words)")
    }
    if let digest { lines.append(digest) }
    return lines + notes
  }
}
