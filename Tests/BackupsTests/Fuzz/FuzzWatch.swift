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

  /// Whether anything happened since the last call.
  func sawSomething() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    var seen = false
    while read(descriptor, &buffer, buffer.count) > 0 { seen = true }
    return seen
  }
}
