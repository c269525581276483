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

func sha256(_ bytes: [UInt8]) -> String {
  SHA256.hash(Data(bytes)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

/// The same numbers in every run (SplitMix64).
struct TestRandom: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// `bytes` with a few of them changed, removed or repeated.
  mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...8, using: &self) where bytes.count > 2 {
      let place = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0...4, using: &self) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes.remove(at: place)
      case 2: bytes.removeLast(Int.random(in: 0..<min(64, bytes.count), using: &self))
      case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
      default: bytes[place] = [0x22, 0x3c, 0x39, 0x2d, 0x7b, 0xff, 0x30, 0x2f].randomElement(using: &self) ?? 0
      }
    }
    return bytes
  }
}
