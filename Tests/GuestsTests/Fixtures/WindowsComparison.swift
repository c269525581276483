import Foundation
import Testing

@testable import Guests

/// A prepared disk held against what virt-v2v made of the same disk with the same drivers.
struct WindowsComparison {
  /// A kind of line that virt-v2v adds and we do not, and why that does not matter.
  struct Difference: Sendable {
    var why: String
    var covers: @Sendable (String) -> Bool

    init(_ why: String, _ covers: @escaping @Sendable (String) -> Bool) {
      self.why = why
      self.covers = covers
    }
  }

  let release: String

  /// Every line that the reference has and the disk had not must be there, but for the differences that are named.
  func check(_ list: String, ours: Set<String>, differences: [Difference]) throws {
    let before = try WindowsLab.reference("\(release)/before.\(list)")
    let reference = try WindowsLab.reference("\(release)/after.\(list)")
    let mine = Set(ours.map(Self.neutral))
    let missing = reference.subtracting(before).map(Self.neutral).filter { line in
      !mine.contains(line) && !differences.contains { $0.covers(line) }
    }
    #expect(missing.sorted() == [], "\(release): virt-v2v has these lines in \(list)")
    // And nothing that it left is gone.
    let gone = before.intersection(reference).subtracting(ours).filter { line in
      !differences.contains { $0.covers(line) }
    }
    #expect(gone.sorted() == [], "\(release): virt-v2v leaves these lines in \(list)")
  }

  static let systemDifferences = [
    Difference("virt-v2v's own service for the first start; ours is another") { line in
      line.hasPrefix("ControlSet001\\Services\\firstboot")
    },
    Difference("the label has another form, with which Windows' tools list drivers") { line in
      line.contains("\\INF | @ |") || line.contains("\\INF | Active |")
    },
    Difference("the other control sets that count are prepared too") { line in line.hasPrefix("ControlSet002\\") },
  ]
  static let softwareDifferences = [
    Difference("a folder for each driver package, in place of one for all; checked apart") { line in
      line.contains("| DevicePath |")
    }
  ]
  static let fileDifferences = [
    Difference("virt-v2v's own files of the first start; ours are in Windows/Ascend") { line in
      line.hasPrefix("Program Files/Guestfs") || line == "Windows/Temp/install-qemu-ga-x86_64.msi.ps1"
        || line == "qemu-ga-x86_64.msi"
    },
    Difference("all that a source has, in one folder; ours are the packages that were asked for, one folder each") {
      line in line.hasPrefix("Windows/Drivers/VirtIO")
    },
  ]

  /// Names that each tool chooses freely, for its one package.
  private static func neutral(_ line: String) -> String {
    func hex(_ text: String) -> String {
      text.utf16.map { unit in
        [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)].map { byte in
          String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
      }.joined()
    }
    var line = line
    for (own, name) in [
      ("guestor.inf_tmp", "LABEL"), ("ascend_viostor.inf_amd64_0000000000000000", "LABEL"), ("guestor.inf", "INF"),
      ("ascend_viostor.inf", "INF"), ("guestor_conf", "CONF"), ("viostor_conf", "CONF"),
    ] {
      line = line.replacing(own, with: name).replacing(hex(own), with: name)
    }
    return line
  }
}
