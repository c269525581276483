import Foundation

/// Serves a test disk, read-only, on a Unix socket; slowly where asked to, until it is told to stop.
///
/// `@unchecked Sendable`: all mutable state is read and written under `lock`.
final class NBDServer: @unchecked Sendable {
  let disk: TestDisk
  let path: String
  private let bytesPerSecond: Double?
  private let lock = NSLock()
  private var listener: Int32
  private var connections: Set<Int32> = []
  private var stopped = false
  private var served: Int64 = 0
  private var freeAt = Date.distantPast

  var uri: String { "nbd+unix:///disk?socket=\(path)" }
  var bytesServed: Int64 { lock.withLock { served } }
  var isStopped: Bool { lock.withLock { stopped } }

  /// - Parameter path: At most 107 bytes, as Unix sockets are.
  init(_ disk: TestDisk, at path: String, bytesPerSecond: Double? = nil) throws {
    self.disk = disk
    self.path = path
    self.bytesPerSecond = bytesPerSecond
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw RuleSkip("no socket for the test disk: \(String(cString: strerror(errno)))") }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8CString)
    guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
      close(listener)
      throw RuleSkip("the path of the test disk's socket is too long: \(path)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { target in
      bytes.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, chmod(path, 0o600) == 0, listen(listener, 16) == 0 else {
      close(listener)
      throw RuleSkip("cannot listen on \(path): \(String(cString: strerror(errno)))")
    }
    Thread.detachNewThread { self.accept() }
  }

  private func accept() {
    while true {
      let listening = lock.withLock { listener }
      guard listening >= 0 else { return }
      let connection = Foundation.accept(listening, nil, nil)
      guard connection >= 0 else {
        if errno == EINTR { continue }
        return
      }
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
      let welcome = lock.withLock {
        guard !stopped else { return false }
        connections.insert(connection)
        return true
      }
      guard welcome else {
        close(connection)
        return
      }
      Thread.detachNewThread {
        NBDConnection(connection, server: self).serve()
        self.lock.withLock { _ = self.connections.remove(connection) }
        close(connection)
      }
    }
  }

  /// Waits for as long as the pace asks before `count` bytes may go; false once the server has stopped.
  func admit(_ count: Int) -> Bool {
    let until = lock.withLock { () -> Date in
      served += Int64(count)
      guard let bytesPerSecond else { return .distantPast }
      freeAt = max(freeAt, Date()).addingTimeInterval(Double(count) / bytesPerSecond)
      return freeAt
    }
    while Date() < until {
      if isStopped { return false }
      Thread.sleep(forTimeInterval: min(0.05, max(0, until.timeIntervalSinceNow)))
    }
    return !isStopped
  }

  /// Drops every connection, and takes no new one.
  func stop() {
    lock.withLock {
      guard !stopped else { return }
      stopped = true
      for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
      shutdown(listener, Int32(SHUT_RDWR))
      close(listener)
      listener = -1
    }
    unlink(path)
  }
}
