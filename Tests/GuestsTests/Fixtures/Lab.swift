import ConnectorTesting
import Foundation
import Testing

@testable import Guests

extension Tag {
  /// Tests that start an appliance or a guest: seconds to minutes each.
  @Tag static var guest: Self
}

/// Bootable guests made for tests, in the folder that ASCEND_LAB names:
/// `guest.raw` (Debian, BIOS, an initramfs with no other storage driver than vmw_pvscsi), `guest-uefi.raw` (the same
/// with UEFI) and `guest-dev.raw` (the first, with device names in its fstab).
enum Lab {
  static let folder = ProcessInfo.processInfo.environment["ASCEND_LAB"]

  static var isThere: Bool {
    guard let folder, ProcessInfo.processInfo.environment["ASCEND_TEST_FAST"] != "1" else { return false }
    return FileManager.default.fileExists(atPath: "\(folder)/guest.raw")
  }

  /// For machines that need no guest.
  static var canBoot: Bool {
    ProcessInfo.processInfo.environment["ASCEND_TEST_FAST"] != "1"
      && FileManager.default.isExecutableFile(atPath: "/usr/bin/qemu-system-x86_64")
  }

  static let whyNot: Comment = "needs ASCEND_LAB, a folder with guest.raw, and ASCEND_TEST_FAST not set"

  static func image(_ name: String) throws -> String { "\(try #require(folder))/\(name)" }

  static func disk(_ name: String) throws -> GuestDisk { GuestDisk(path: try image(name), format: "raw") }

  /// Runs a tool and returns what it printed.
  @discardableResult
  static func run(_ tool: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    try #require(process.waitForEnd() == 0, "\(tool) failed")
    return String(decoding: text, as: UTF8.self)
  }
}

/// A folder that lives as long as the value.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("ascend-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A writable overlay over a lab image.
  func overlay(of image: String) throws -> GuestDisk {
    let path = url.appendingPathComponent("\(UUID().uuidString).qcow2").path
    try Lab.run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", try Lab.image(image), "-F", "raw", path])
    return GuestDisk(path: path, format: "qcow2", readOnly: false)
  }
}
