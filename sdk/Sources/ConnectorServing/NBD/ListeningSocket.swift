import ConnectorProtocol
import Foundation

/// The Unix socket that a server listens on.
enum ListeningSocket {
  private static let backlog: Int32 = 16

  static func open(_ path: String) throws(ConnectorError) -> Int32 {
    let bytes = Array(path.utf8)
    guard path.hasPrefix("/"), bytes.count <= DiskServer.longestPath, !bytes.contains(0) else {
      throw failure(path, "its path must be absolute and have at most \(DiskServer.longestPath) bytes")
    }
    var status = stat()
    if lstat(path, &status) == 0 {
      // Left over from a process that was killed; anything else there is not ours.
      guard status.st_mode & S_IFMT == S_IFSOCK else { throw failure(path, "something else is there") }
      unlink(path)
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(path, String(cString: strerror(errno))) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, chmod(path, 0o600) == 0, listen(descriptor, backlog) == 0 else {
      let why = String(cString: strerror(errno))
      close(descriptor)
      throw failure(path, why)
    }
    return descriptor
  }

  /// The next connection; negative where there is none any more.
  static func accept(_ listener: Int32) -> Int32 {
    while true {
      let descriptor = Foundation.accept(listener, nil, nil)
      if descriptor >= 0 {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
      }
      guard errno == EINTR || errno == ECONNABORTED else { return descriptor }
    }
  }

  private static func failure(_ path: String, _ why: String) -> ConnectorError {
    ConnectorError(
      .sourceUnavailable, "No socket can be made at \(path): \(why).",
      remedy: "Give a folder that exists, that only its owner can enter, and whose path is short.", outcome: .none)
  }
}
