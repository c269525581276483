import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// The states of a disk in a chain of qcow2 images, each with its content as a raw file to compare with.
struct TestCopies {
  /// Relative to the folder, base first.
  var names: [String]
  /// Raw files with the content that a guest saw in each state.
  var contents: [String]
  static let size = 2 << 20

  /// - Parameter backing: What each image says of the one that it stands on; its real name where nothing is given.
  init(_ folder: TestFolder, _ names: [String], backing: (String) -> String = { $0 }) async throws {
    self.names = names
    contents = []
    var bytes = [UInt8](repeating: 0, count: Self.size)
    for (place, name) in names.enumerated() {
      try FileManager.default.createDirectory(
        atPath: (folder(name) as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      let below = place > 0 ? ["-b", folder(names[place - 1]), "-F", "qcow2"] : []
      _ = try await Tool.output(
        "qemu-img", ["create", "-q", "-f", "qcow2"] + below + [folder(name), String(Self.size)])
      let pattern = UInt8(truncatingIfNeeded: 17 + place * 31 + name.utf8.count)
      // Each state has blocks of its own and covers part of the one before.
      let offset = place * 96 << 10
      for index in offset..<(offset + (128 << 10)) { bytes[index] = pattern }
      _ = try await Tool.output(
        "qemu-io", ["-f", "qcow2", "-c", "write -q -P \(pattern) \(offset) \(128 << 10)", folder(name)])
      let content = folder.path + "/.content-\(place)-" + name.replacing("/", with: "_")
      try Data(bytes).write(to: URL(fileURLWithPath: content))
      contents.append(content)
    }
    for (place, name) in names.enumerated() where place > 0 {
      _ = try await Tool.output(
        "qemu-img", ["rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", backing(names[place - 1]), folder(name)])
    }
  }
}

/// Whether a guest reads the same from the chain as from the raw file.
func reads(_ chain: DiskChain, like content: String) async throws -> Bool {
  let name = "json:{\"driver\": \"raw\", \"file\": {\"driver\": \"file\", \"filename\": \"\(content)\"}}"
  return try await Tool.run("qemu-img", ["compare", "-q", name, chain.blockdevJSON()]).exitCode == 0
}

extension TestFolder {
  /// A raw disk with some data in it, `.raw` or whatever its name says.
  @discardableResult
  func raw(_ name: String, size: Int = 1 << 20, seed: UInt8 = 5) throws -> String {
    var bytes = [UInt8](repeating: 0, count: size)
    for index in 0..<8192 { bytes[4096 + index] = UInt8(truncatingIfNeeded: index &* 13 &+ Int(seed)) | 1 }
    return try write(name, bytes)
  }

  func json(_ name: String, _ text: String) throws { try write(name, text.utf8) }

  func folder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
  }

  /// The error that reading `path` with `options` throws; nothing may have changed.
  func refusal(_ path: String, _ options: ReadOptions) async throws -> AscendError {
    let before = try fingerprint()
    do { _ = try await BackupReader.read(path, options: options) } catch {
      #expect(try fingerprint() == before)
      #expect(error.object != nil)
      #expect(error.remedy != nil)
      return error
    }
    throw NothingThrown()
  }
}
