import Foundation
import Testing

@testable import Guests

/// The disk of a synthetic Windows whose system volume is encrypted with BitLocker: the format as cryptsetup reads it,
/// not a volume that Windows made.
struct BitLockerDisk {
  let disk: GuestDisk
  let recoveryPassword: String

  private static let tool = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Fixtures/bitlocker.py").standardizedFileURL.path

  /// - Parameter release: A disk of the lab; its second partition is the system's.
  init(of release: String, in folder: TemporaryFolder) throws {
    let original = try WindowsLab.path("\(release).qcow2")
    let image = folder.url.appendingPathComponent("bitlocker.raw").path
    try Lab.run("qemu-img", ["convert", "-f", "qcow2", "-O", "raw", original, image])
    let table = try JSONSerialization.jsonObject(with: Data(try Lab.run("sfdisk", ["--json", image]).utf8))
    let parts = (table as? [String: [String: Any]])?["partitiontable"]?["partitions"]
    let partitions = try #require(parts as? [[String: Any]])
    let start = try #require(partitions[1]["start"] as? Int) * 512
    let size = try #require(partitions[1]["size"] as? Int) * 512
    let header = try #require(Int(try Self.run("layout", "\(size)").split(separator: " ").last ?? ""))
    let key = (0..<32).map { _ in UInt8.random(in: 1...255) }
    let keyFile = folder.url.appendingPathComponent("volume.key").path
    try Data(key).write(to: URL(fileURLWithPath: keyFile))
    let octal = key.map { "\\\\" + String($0, radix: 8).leftPadded(to: 3) }.joined()
    let script = """
      run
      debug sh "printf '\(octal)' >/tmp/volume.key"
      debug sh "cryptsetup open --type plain -c aes-xts-plain64 -s 256 -d /tmp/volume.key /dev/sda2 plain"
      debug sh "dd if=/dev/sdb2 of=/dev/mapper/plain bs=1M"
      debug sh "dd if=/dev/sdb2 of=/dev/mapper/plain bs=512 count=16 seek=\(header / 512)"
      debug sh "sync; cryptsetup close plain"
      """
    let file = folder.url.appendingPathComponent("encrypt").path
    try Data(script.utf8).write(to: URL(fileURLWithPath: file))
    try Lab.run(
      "env",
      [
        "LIBGUESTFS_BACKEND=direct", "LIBGUESTFS_BACKEND_SETTINGS=force_tcg", "guestfish", "--format=raw", "-a", image,
        "--format=qcow2", "--ro", "-a", original, "-f", file,
      ])
    _ = try Self.run("write", image, "\(start)", "\(size)", keyFile)
    disk = GuestDisk(path: image, format: "raw", readOnly: false)
    recoveryPassword = try Self.run("recovery")
  }

  private static func run(_ arguments: String...) throws -> String {
    try Lab.run("python3", ["-B", tool] + arguments).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

extension String {
  fileprivate func leftPadded(to length: Int) -> String { String(repeating: "0", count: max(0, length - count)) + self }
}
