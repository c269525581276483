import Glibc
import Support

/// Sees every file of a folder that is opened, read or changed by anybody.
final class FuzzWatch {
  private let descriptor: Int32

  init(_ folder: String) throws {
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    let events: UInt32 = 0x1 | 0x2 | 0x20 | 0x40 | 0x100 | 0x200  // access, modify, open, move, create, delete
    guard descriptor >= 0, inotify_add_watch(descriptor, folder, events) >= 0 else {
      throw AscendError.system("test", "The folder cannot be watched", object: folder, errno: errno)
    }
  }

  deinit { close(descriptor) }

  /// What happened since the last call: `secret: opened`, and the folder itself by an empty name.
  func seen() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 65536)
    var seen: [String] = []
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
      var place = 0
      while place + 16 <= count {
        let (mask, length) = buffer.withUnsafeBytes {
          (
            $0.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self),
            Int($0.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
          )
        }
        let name = String(decoding: buffer[(place + 16)..<(place + 16 + length)].prefix { $0 != 0 }, as: UTF8.self)
        let what = Self.words.filter { mask & $0.key != 0 }.map(\.value).sorted().joined(separator: ", ")
        seen.append("\(name): \(what)")
        place += 16 + length
      }
    }
    return seen
  }

  private static let words: [UInt32: String] = [
    0x1: "read", 0x2: "changed", 0x20: "opened", 0x40: "moved", 0x100: "made", 0x200: "deleted", 0x4000_0000: "folder",
  ]
}
