import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// A folder for one test.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "ascend-backups-XXXXXX").utf8CString)
    let made = try #require(mkdtemp(&template))
    path = try #require(realpath(made, nil).map { String(cString: $0) })
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }

  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: self(name)))) }

  /// A disk with some data in it.
  @discardableResult
  func disk(_ name: String, _ format: String, size: Int = 4 << 20, seed: UInt8 = 1, options: String? = nil) async throws
    -> String
  {
    let raw = self(".raw-" + name.replacing("/", with: "-"))
    let block = Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ Int(seed)) | 1 })
    try block.write(to: URL(fileURLWithPath: raw))
    guard truncate(raw, size) == 0 else { throw AscendError("test", "truncate failed") }
    let extra = options.map { ["-o", $0] } ?? []
    _ = try await Tool.output("qemu-img", ["convert", "-f", "raw", "-O", format] + extra + [raw, self(name)])
    unlink(raw)
    return self(name)
  }

  func fingerprint() throws -> [String: String] {
    var prints: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      var status = stat()
      lstat(self(name), &status)
      prints[name] = "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_mode)"
    }
    return prints
  }

  /// The error that reading `path` throws; no file may have changed.
  func refusal(_ path: String) async throws -> AscendError {
    let before = try fingerprint()
    do {
      _ = try await BackupReader.read(path)
    } catch {
      #expect(try fingerprint() == before)
      #expect(error.object != nil)
      #expect(error.remedy != nil)
      return error
    }
    throw NothingThrown()
  }
}

struct NothingThrown: Error {}

func sha512(_ bytes: [UInt8]) -> String {
  var hash = SHA512()
  bytes.withUnsafeBytes { hash.update($0) }
  return SHA256.hex(hash.finish())
}

func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(Data(bytes)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
