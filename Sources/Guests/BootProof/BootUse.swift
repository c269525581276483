import Foundation
import Glibc

/// What a guest that is booted has written so far, and whether this computer can bear more of it.
struct BootUse: Sendable {
  private static let mostDiskBytes: Int64 = 64 << 30
  private static let mostLogBytes: Int64 = 1 << 30
  private static let leastFree: Int64 = 256 << 20

  /// On its disks: QEMU keeps it in a temporary file.
  let diskBytes: Int64
  /// On its serial port and its network, and its firmware's own words.
  let logBytes: Int64
  let freeBytes: Int64

  var isBearable: Bool {
    diskBytes <= Self.mostDiskBytes && logBytes <= Self.mostLogBytes && freeBytes >= Self.leastFree
  }

  var description: String {
    "\(diskBytes >> 20) MiB on its disks, \(logBytes >> 20) MiB on its ports; \(freeBytes >> 20) MiB are free here"
  }
}

extension BootUse {
  init(_ files: BootMachine.Files, diskBytes: Int64, nics: Int) {
    let logs = [files.serial, files.firmwareLog] + (0..<nics).map { files.packets($0) }
    // QEMU puts what is written to `snapshot` disks there.
    let temporary = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
    self.init(
      diskBytes: diskBytes, logBytes: logs.reduce(0) { $0 + Self.size($1) },
      freeBytes: min(Self.free(files.folder), Self.free(temporary)))
  }

  private static func size(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }

  private static func free(_ path: String) -> Int64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return .max }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : Int64(clamping: bytes)
  }
}
