import Glibc
import Support

/// Two named pipes of which QEMU opens the other ends (its character device `pipe`): `.in` is what it reads, `.out` what
/// it writes. Nothing here ever blocks.
///
/// Named pipes, since their paths may be longer than those of sockets.
final class PipePair {
  private static let portion = 64 << 10

  private let toQEMU: Int32
  private let fromQEMU: Int32

  /// - Parameter path: Of both, without their suffixes.
  init(path: String) throws(AscendError) {
    var opened: [Int32] = []
    for name in [path + ".in", path + ".out"] {
      // For reading and writing, so that neither end waits for the other to come.
      guard mkfifo(name, 0o600) == 0, case let end = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC), end >= 0 else {
        let number = errno
        for end in opened { close(end) }
        throw AscendError.system(
          "guest.temporaryFile", "A pipe to QEMU could not be made", object: name, errno: number)
      }
      opened.append(end)
    }
    (toQEMU, fromQEMU) = (opened[0], opened[1])
  }

  deinit {
    close(toQEMU)
    close(fromQEMU)
  }

  /// False where there is no room for all of it.
  func send(_ bytes: [UInt8]) -> Bool { write(toQEMU, bytes, bytes.count) == bytes.count }

  /// What has come, at most 64 KiB of it; empty where nothing has.
  func receive() -> ArraySlice<UInt8> {
    var buffer = [UInt8](repeating: 0, count: Self.portion)
    let count = read(fromQEMU, &buffer, buffer.count)
    return buffer[..<max(0, count)]
  }
}
