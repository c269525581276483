import ConnectorKit
import ConnectorProtocol
import Foundation

/// Names of machines: the value of the tag `Name`.
enum NameRule {
  static let pattern = #"^[A-Za-z0-9\u00C0-\u024F _.:/=+@()-]{1,128}$"#

  static func accepts(_ name: String) -> Bool {
    (1...MachineLimits.name).contains(name.utf16.count) && name.trimmingCharacters(in: .whitespaces) == name
      && name.unicodeScalars.allSatisfy(accepts)
  }

  private static func accepts(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.isASCII && scalar.properties.isAlphabetic) || (0x30...0x39).contains(scalar.value)
      || (0xC0...0x24F).contains(scalar.value) || " _.:/=+@()-".unicodeScalars.contains(scalar)
  }

  /// A name that is accepted and like this one.
  static func nearest(_ name: String) -> String? {
    let kept = String(String.UnicodeScalarView(name.unicodeScalars.map { accepts($0) ? $0 : "-" }))
    let cut = String(kept.trimmingCharacters(in: CharacterSet(charactersIn: " -")).prefix(MachineLimits.name))
    return accepts(cut) ? cut : nil
  }

  /// The id of a job goes into names and tags.
  static func acceptsJob(_ job: String) -> Bool {
    JobID(job).isPlain()
  }
}
