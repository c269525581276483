import Foundation
import Glibc
import Support

/// The Unix socket of an NBD server.
enum NBDSocket {
  private static let patienceSeconds = 30.0

  static func uri(_ path: String) -> String {
    let kept = CharacterSet(charactersIn: "/-._~").union(.alphanumerics)
    return "nbd+unix:///?socket=" + (path.addingPercentEncoding(withAllowedCharacters: kept) ?? path)
  }

  /// Makes the socket's folder, closes it to others, and removes a socket left over from a crash.
  static func prepare(_ path: String) throws(AscendError) {
    guard path.hasPrefix("/"), path.utf8.count <= NBDExport.longestSocketPath,
      let slash = path.lastIndex(of: "/"), slash != path.startIndex
    else {
      throw AscendError(
        "disk.socketPath", "The path of the socket cannot be used", object: path,
        cause: "it must be absolute and have at most \(NBDExport.longestSocketPath) bytes",
        remedy: "Use a state folder with a shorter path (--state)")
    }
    let folder = String(path[..<slash])
    try StateDirectory.makePrivate(folder)
    var status = stat()
    guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
      status.st_mode & 0o077 == 0
    else {
      throw AscendError(
        "disk.socketPath", "The folder of the socket is open to others", object: folder,
        remedy: "Close it with chmod 700, or use another state folder (--state)")
    }
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK, unlink(path) == 0 else {
      throw AscendError("disk.socketPath", "Something else is at the path of the socket", object: path)
    }
  }

  /// Waits until a server answers with the greeting of the protocol.
  static func awaitGreeting(_ path: String) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(patienceSeconds)
    while !greets(path) {
      try await Task.sleep(for: .milliseconds(3))
      guard clock.now < deadline else {
        throw AscendError(
          "disk.exportFailed", "The disk's NBD server does not answer", object: path,
          cause: "no greeting within \(Int(patienceSeconds)) s", remedy: "Retry when this computer is less busy")
      }
    }
  }

  private static func greets(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { return false }
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var greeting = [UInt8](repeating: 0, count: 8)
    return recv(descriptor, &greeting, 8, Int32(MSG_WAITALL)) == 8 && greeting == Array("NBDMAGIC".utf8)
  }
}
