import ConnectorKit
import ConnectorProtocol

/// What a machine may be called: its name is its folder's, and stands in QEMU's options and in scripts.
enum NameRule {
  static let pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
  static let longest = 64
  /// How long a job's id may be.
  static let jobs = 1...longest

  static func accepts(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= longest, isAlphanumeric(first) else { return false }
    return name.utf8.allSatisfy {
      isAlphanumeric($0) || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0)
    }
  }

  /// The nearest name that is allowed, to suggest; nil where nothing of it is left.
  static func nearest(_ name: String) -> String? {
    let cleaned = name.unicodeScalars.map { scalar -> Character in
      scalar.isASCII && (isAlphanumeric(UInt8(scalar.value)) || "._-".unicodeScalars.contains(scalar))
        ? Character(scalar) : "-"
    }
    let trimmed = cleaned.drop { !$0.isLetter && !$0.isNumber }.prefix(longest)
    return trimmed.isEmpty ? nil : String(trimmed)
  }

  /// The job's identifier goes into names of folders too.
  static func acceptsJob(_ job: String) -> Bool {
    JobID(job).isPlain(jobs)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
