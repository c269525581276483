import Foundation
import Support

/// A backup without a guest: a disk with data here and there, in a format of choice, with its `backup.json`.
struct SampleBackup {
  let folder: String
  /// The disk's content, raw.
  let raw: String

  /// - Parameters:
  ///   - format: In QEMU's words.
  ///   - dataMiB: How much of the disk holds data, a multiple of 8; the rest is holes.
  init(in parent: String, name: String = "sample", format: String, sizeMiB: Int = 64, dataMiB: Int = 8) async throws {
    folder = parent + "/backup-" + name
    raw = parent + "/" + name + ".content"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try await Tool.output("truncate", ["-s", "\(sizeMiB)M", raw])
    // Data in eight runs: at the start, spread over the middle, and up to the very last block.
    let run = dataMiB / 8
    let places = (0..<8).map { $0 * (sizeMiB - run) / 7 }
    for place in places {
      try await Tool.output(
        "dd",
        ["if=/dev/urandom", "of=\(raw)", "bs=1M", "count=\(run)", "seek=\(place)", "conv=notrunc", "status=none"])
    }
    let disk = "disk0.\(format)"
    try await Tool.output("qemu-img", ["convert", "-f", "raw", "-O", format, raw, folder + "/" + disk])
    let manifest = """
      {"schema": "backup/1", "platform": "elsewhere", "takenAt": "2026-01-02T03:04:05Z",
       "machine": {"schema": "machine/1", "name": "\(name)", "cpu": {"count": 1}, "memoryBytes": 268435456,
         "disks": [{"index": 0, "name": "disk0", "sizeBytes": \(sizeMiB << 20), "boot": true}],
         "nics": [{"index": 0, "mac": "52:54:00:12:34:56", "network": "office"}]},
       "disks": [{"index": 0, "chain": [{"file": "\(disk)", "format": "\(format)"}]}]}
      """
    try Data(manifest.utf8).write(to: URL(fileURLWithPath: folder + "/backup.json"))
  }

  /// Every byte below the backup's folder, as one digest.
  func digest() async throws -> String {
    let output = try await Tool.output(
      "sh", ["-c", "cd \(folder) && find . -type f -print0 | sort -z | xargs -0 sha256sum"])
    return String(decoding: output, as: UTF8.self)
  }

  /// True where `disk` holds the same bytes as the backup's disk.
  func equals(_ disk: String, format: String = "raw") async throws -> Bool {
    try await Tool.run("qemu-img", ["compare", "-f", "raw", "-F", format, raw, disk]).exitCode == 0
  }
}
