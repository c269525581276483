import Foundation
import Support
import Testing

@testable import Disks

/// A folder for one test, with images made by qemu-img in it.
final class TestImages: Sendable {
  let folder: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "ascend-disks-XXXXXX").utf8CString)
    let made = try #require(mkdtemp(&template))
    folder = try #require(realpath(made, nil).map { String(cString: $0) })
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }

  @discardableResult
  func qemuImg(_ arguments: String...) async throws -> Data { try await qemuImg(arguments) }

  @discardableResult
  func qemuImg(_ arguments: [String]) async throws -> Data {
    try await Tool.output("qemu-img", arguments)
  }

  /// A raw disk of `size` bytes with a few runs of data that cannot be mistaken for another's.
  @discardableResult
  func raw(_ name: String, size: Int, seed: UInt64 = 1, runs: Int = 5) throws -> String {
    let path = path(name)
    try Data().write(to: URL(fileURLWithPath: path))
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.truncate(atOffset: UInt64(size))
    var random = TestRandom(seed: seed)
    for run in 0..<runs where size >= 131072 {
      let block = Data((0..<1000).map { _ in UInt8.random(in: 1...255, using: &random) })
      let offset = (size / max(1, runs)) * run / 4096 * 4096
      try handle.seek(toOffset: UInt64(offset))
      try handle.write(contentsOf: Array(repeating: block, count: 70).reduce(Data(), +))
    }
    try handle.close()
    return path
  }

  func image(_ format: ImageFormat, from raw: String, name: String, options: String? = nil) async throws -> ImageLayer {
    let extra = options.map { ["-o", $0] } ?? []
    _ = try await Tool.output(
      "qemu-img", ["convert", "-f", "raw", "-O", format.rawValue] + extra + [raw, path(name)])
    return ImageLayer(path: path(name), format: format)
  }

  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// Whether a guest would read the same bytes from both.
  func same(_ one: DiskChain, _ other: DiskChain) async throws -> Bool {
    try await Tool.run("qemu-img", ["compare", one.blockdevJSON(), other.blockdevJSON()]).exitCode == 0
  }

  /// Whether two disks hold the same: all of it, or of huge ones 64 MiB at their ends, since some formats are looked
  /// through by the grain.
  func expectSameEnds(_ one: DiskChain, _ other: DiskChain, size: Int64) async throws {
    let window: Int64 = 64 << 20
    for start in size > 1 << 30 ? [0, size - window] : [0] {
      let length = size > 1 << 30 ? window : size
      let names = [one, other].map { chain in
        #"json:{"driver":"raw","offset":\#(start),"size":\#(length),"file":\#(chain.blockdevJSON().dropFirst(5))}"#
      }
      let result = try await Tool.run("qemu-img", ["compare"] + names)
      #expect(result.exitCode == 0, "\(result.lastErrorLine)")
    }
  }

  func chain(raw path: String) throws -> DiskChain {
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64
    return DiskChain(layers: [ImageLayer(path: path, format: .raw)], virtualSizeBytes: size ?? 0)
  }

  /// Size and modification time of every file, to show that nothing was touched.
  func fingerprint() throws -> [String: String] {
    var prints: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var status = stat()
      lstat(path(name), &status)
      prints[name] = "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_mode)"
    }
    return prints
  }
}

/// The error that `body` throws, which must be one of ours.
func ascendError(_ body: () async throws -> Void) async throws -> AscendError {
  do {
    try await body()
  } catch let error as AscendError {
    return error
  }
  throw NothingThrown()
}

struct NothingThrown: Error {}
