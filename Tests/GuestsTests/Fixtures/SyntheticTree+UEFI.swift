import Foundation

@testable import Guests

extension SyntheticTree {
  /// Writes it as a raw disk with GPT, an EFI system partition, `/boot` and the root: `sda1`, `sda2` and `sda3`, which
  /// `etc/fstab` has to name so. Without root.
  func makeUEFIDisk(in folder: TemporaryFolder) throws -> GuestDisk {
    let root = try write(in: folder)
    let boot = folder.url.appendingPathComponent("\(name)-boot")
    let esp = folder.url.appendingPathComponent("\(name)-esp")
    try FileManager.default.moveItem(at: root.appendingPathComponent("boot"), to: boot)
    try FileManager.default.moveItem(at: boot.appendingPathComponent("efi"), to: esp)
    for mountPoint in [root.appendingPathComponent("boot"), boot.appendingPathComponent("efi")] {
      try FileManager.default.createDirectory(at: mountPoint, withIntermediateDirectories: true)
    }
    let image = folder.url.appendingPathComponent("\(name).raw").path
    try Lab.run("truncate", ["-s", "320M", image])
    let (first, second, third) = (2048, 67584, 264192)
    let table =
      "label: gpt\\nstart=\(first), size=\(second - first), type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\\n"
      + "start=\(second), size=\(third - second), type=L\\nstart=\(third), type=L\\n"
    try shell("printf '\(table)' | sfdisk -q \(image)")
    // Larger than its partition would be noticed by whoever mounts it.
    try shell("mformat -i \(image)@@\(first * 512) -T \(second - first) -h 64 -s 32 -H \(first) ::")
    try shell("cd '\(esp.path)' && mcopy -s -i \(image)@@\(first * 512) * ::")
    func ext4(_ tree: URL, _ start: Int, _ size: String, _ uuid: String) throws {
      try shell("mke2fs -q -F -t ext4 -U \(uuid) -d \(tree.path) -E offset=\(start * 512) \(image) \(size)")
    }
    try ext4(boot, second, "96M", String(uuid.dropLast(2)) + "b0")
    try ext4(root, third, "180M", uuid)
    return GuestDisk(path: image, format: "raw", readOnly: false)
  }

  private func shell(_ command: String) throws {
    try Lab.run("sh", ["-c", "export MTOOLS_SKIP_CHECK=1 PATH=$PATH:/sbin:/usr/sbin; \(command)"])
  }
}
