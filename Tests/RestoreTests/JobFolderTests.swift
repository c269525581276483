import Foundation
import Testing

@testable import Restore

@Suite struct JobFolderTests {
  /// A host that was killed leaves a disk half converted.
  @Test func imagesGoAndEvidenceStays() throws {
    let folder = NSTemporaryDirectory() + "job-folder-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = [
      "disk0.qcow2", "disk-0123456789abcdef.digest", ".disk0.raw.converting-0A1B2C3D/image/disk0.raw", "report.json",
      "console.log",
    ]
    for file in files {
      let url = URL(fileURLWithPath: folder + "/" + file)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("x".utf8).write(to: url)
    }
    try JobFolder(path: folder).removeImages()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["console.log", "report.json"])
  }
}
