import ConnectorKit
import ConnectorProtocol
import Foundation

/// Names of machines: what the server takes without escapes, and what makes a folder on every datastore.
enum NameRule {
  static let pattern = #"^[^\s/\\%:*?"<>|\u0000-\u001f][^/\\%:*?"<>|\u0000-\u001f]{0,79}$"#

  static func accepts(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, name.utf16.count <= MachineLimits.name else { return false }
    return first != " " && first != "." && !name.hasSuffix(" ") && name.unicodeScalars.allSatisfy(accepts)
  }

  private static func accepts(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && scalar.value != 0x7F && !"/\\%:*?\"<>|".unicodeScalars.contains(scalar)
  }

  /// A name that is accepted and like this one.
  static func nearest(_ name: String) -> String? {
    let kept = String(String.UnicodeScalarView(name.unicodeScalars.map { accepts($0) ? $0 : "-" }))
    let trimmed = kept.trimmingCharacters(in: CharacterSet(charactersIn: " .-"))
    let cut = String(trimmed.prefix(MachineLimits.name))
    return accepts(cut) ? cut : nil
  }

  /// The id of a job goes into names and paths.
  static func acceptsJob(_ job: String) -> Bool {
    JobID(job).isPlain()
  }

  /// What carries one disk of a machine there, until the machine takes it.
  static func carrier(_ name: String, job: JobID, disk: Int) -> String {
    "\(name.prefix(MachineLimits.name - 24))-\(job.short)-disk\(disk)"
  }
}
