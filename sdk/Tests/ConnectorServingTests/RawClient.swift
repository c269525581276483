import Foundation

/// A client of the server's that says what it likes, byte by byte.
final class RawClient {
  private let descriptor: Int32

  struct NoConnection: Error {}

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard connected == 0, read(18)?.starts(with: "NBDMAGICIHAVEOPT".utf8) == true else { throw NoConnection() }
  }

  deinit { close(descriptor) }

  func send(_ data: Data) {
    _ = data.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
  }

  /// Whether the server ends the conversation, within the client's patience.
  func isHungUp() -> Bool {
    var byte: UInt8 = 0
    while true {
      let got = recv(descriptor, &byte, 1, 0)
      if got <= 0 { return got == 0 || errno == ECONNRESET }
    }
  }

  private func big(_ value: UInt64, _ bytes: Int) -> Data {
    Data((0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) })
  }

  /// The oldest way to choose an export; its size.
  func exportByName(_ name: String) -> Int64? {
    send(big(1, 4) + Data("IHAVEOPT".utf8) + big(1, 4) + big(UInt64(name.utf8.count), 4) + Data(name.utf8))
    guard let facts = read(8 + 2 + 124) else { return nil }
    return facts[0..<8].reduce(0) { $0 << 8 | Int64($1) }
  }

  func simpleRead(at offset: Int64, count: Int) -> [UInt8]? {
    send(big(0x2560_9513, 4) + big(0, 4) + big(7, 8) + big(UInt64(offset), 8) + big(UInt64(count), 4))
    guard let head = read(16), head[4..<8].allSatisfy({ $0 == 0 }) else { return nil }
    return read(count)
  }

  /// The error that it is answered with.
  func write(at offset: Int64, count: Int) -> UInt8? {
    send(big(0x2560_9513, 4) + big(1, 4) + big(8, 8) + big(UInt64(offset), 8) + big(UInt64(count), 4))
    send(Data(count: count))
    return read(16)?[7]
  }
}
