import Foundation
import Testing

@testable import Guests

/// The disk of a synthetic Windows whose system volume is encrypted in BitLocker's format, as cryptsetup reads it: not a
/// volume that Windows made.
struct BitLockerDisk {
  let disk: GuestDisk
  let recoveryPassword: String

  private static let tool = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Fixtures/bitlocker.py").standardizedFileURL.path

  /// - Parameter release: A disk of the lab; its second partition is the system's.
  init(of release: String, password: String, in folder: TemporaryFolder) throws {
    let image = folder.url.appendingPathComponent("bitlocker.raw").path
    try Lab.run("qemu-img", ["convert", "-f", "qcow2", "-O", "raw", try WindowsLab.path("\(release).qcow2"), image])
    let table = try JSONSerialization.jsonObject(with: Data(try Lab.run("sfdisk", ["--json", image]).utf8))
    let partitions = try #require((table as? [String: [String: Any]])?["partitiontable"]?["partitions"])
    let system = try #require((partitions as? [[String: Any]])?[1])
    let start = try #require(system["start"] as? Int) * 512
    let size = try #require(system["size"] as? Int) * 512
    let file = folder.url.appendingPathComponent("bitlocker.password").path
    try Data(password.utf8).write(to: URL(fileURLWithPath: file))
    recoveryPassword = try Lab.run("python3", ["-B", Self.tool, image, "\(start)", "\(size)", file])
      .trimmingCharacters(in: .whitespacesAndNewlines)
    disk = GuestDisk(path: image, format: "raw", readOnly: false)
  }
}
