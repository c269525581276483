import Foundation

/// A connection's bytes. Calls block: they are for threads of the connection's own.
struct ClientSocket: Sendable {
  private let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Exactly `count` bytes; nil where the client is gone, or silent for longer than its patience.
  func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var offset = 0
    while offset < count {
      let got = bytes.withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress.map { $0 + offset }, count - offset, 0)
      }
      if got > 0 {
        offset += got
      } else if got == 0 || errno != EINTR {
        return nil
      }
    }
    return bytes
  }

  /// Reads `count` bytes and forgets them.
  func skip(_ count: Int) -> Bool {
    var left = count
    while left > 0 {
      guard let bytes = read(min(left, 64 << 10)) else { return false }
      left -= bytes.count
    }
    return true
  }

  /// False where the client is gone.
  func send(_ data: Data) -> Bool {
    data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let sent = Foundation.send(
          descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset, Int32(MSG_NOSIGNAL))
        if sent > 0 {
          offset += sent
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }

  /// How long a client may be silent while something is expected of it; nil for ever.
  func setPatience(seconds: Int?) {
    var limit = timeval(tv_sec: seconds ?? 0, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Ends both directions: whoever waits for the client learns that it is gone.
  func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
