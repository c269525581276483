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
  /// - Parameter backup: Where the backup lies.
  /// - Throws: `backup.contentChanged` where the disk was read as another than the catalog holds, `disk.contentDiffers`
  ///   where it did not arrive as it was read; each names both sides and their digests.
  static func make(
    disk: Int, of backup: String, expected: Expectation?, result: DiskReceive.Result, notes: [String]
  ) throws(AscendError) -> DiskProof {
    var known: [Expectation] = []
    if let expected { known.append(expected) }
    if let digest = result.digest { known.append(Expectation(digest: digest, side: .read)) }
    if let platform = result.platformDigest, platform.algorithm == DiskReceive.PlatformDigest.content {
      known.append(Expectation(digest: platform.value, side: .written))
    }
    if let first = known.first, first.side == .recorded, let read = known.first(where: { $0.side == .read }),
      read.digest != first.digest
    {
      throw DigestService.changed(backup, disk: disk, recorded: first.digest, found: read.digest)
    }
    if let first = known.first, let other = known.first(where: { $0.digest != first.digest }) {
      throw AscendError(
        "disk.contentDiffers", "Disk \(disk) did not arrive as it was", object: "disk \(disk)",
        cause: "\(first.side.words) is \(first.digest), \(other.side.words) is \(other.digest)",
        remedy: "Restore again; if it differs again, check the memory and the storage on the way")
    }
    return DiskProof(digest: known.first?.digest, sides: known.map(\.side), notes: notes)
  }

  /// The error for a disk that a connector found to be another than the catalog holds. The connector was told what to
  /// expect and not from whom, so that its own advice is about what lies between it and this host.
  static func notAsRecorded(disk: Int, of backup: BackupRecord, _ error: ConnectorError) -> AscendError {
    AscendError(
      "disk.contentDiffers",
      "Disk \(disk) of the backup does not hold what it held when it was recorded, or was damaged on its way",
      object: backup.path, cause: error.message,
      remedy: "`ascend backups verify \(backup.label)` tells which: if the backup has changed, restore from another "
        + "copy of the backup, else restore again and check the memory and the storage on the way")
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
