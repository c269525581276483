import Foundation

/// One client of the NBD server: fixed newstyle negotiation, structured replies and `base:allocation` where asked for.
///
/// Written from the NBD project's `doc/proto.md`.
struct NBDConnection {
  private static let optionMagic: UInt64 = 0x4948_4156_454F_5054
  private static let optionReplyMagic: UInt64 = 0x0003_e889_0455_65a9
  private static let requestMagic: UInt64 = 0x2560_9513
  private static let allocation = "base:allocation"
  /// Has flags, read-only, several connections at once.
  private static let flags: UInt64 = 1 | 2 | 1 << 8
  private static let unsupported: UInt64 = 0x8000_0001

  private let socket: Int32
  private let server: NBDServer

  init(_ socket: Int32, server: NBDServer) {
    self.socket = socket
    self.server = server
  }

  func serve() {
    send(Array("NBDMAGICIHAVEOPT".utf8) + big(3, 2))
    guard let clientFlags = read(4) else { return }
    var structured = false
    while let head = read(16) {
      guard number(head[0..<8]) == Self.optionMagic else { return }
      let option = number(head[8..<12])
      let length = number(head[12..<16])
      guard length <= 4096, let data = read(Int(length)) else { return }
      switch option {
      case 1:
        let padding = number(clientFlags[0..<4]) & 2 == 0 ? 124 : 0
        send(exportFacts() + [UInt8](repeating: 0, count: padding))
        return transmit(structured: structured)
      case 2:
        reply(option, 1)
        return
      case 3:
        reply(option, 2, big(4, 4) + Array("disk".utf8))
        reply(option, 1)
      case 6, 7:
        reply(option, 3, big(0, 2) + exportFacts())
        reply(option, 3, big(3, 2) + big(1, 4) + big(1 << 16, 4) + big(32 << 20, 4))
        reply(option, 1)
        if option == 7 { return transmit(structured: structured) }
      case 8:
        structured = true
        reply(option, 1)
      case 9, 10:
        if String(decoding: data, as: UTF8.self).contains("base:") || option == 9 {
          reply(option, 4, big(1, 4) + Array(Self.allocation.utf8))
        }
        reply(option, 1)
      default:
        reply(option, Self.unsupported)
      }
    }
  }

  private func exportFacts() -> [UInt8] { big(UInt64(server.disk.sizeBytes), 8) + big(Self.flags, 2) }

  private func reply(_ option: UInt64, _ kind: UInt64, _ data: [UInt8] = []) {
    send(big(Self.optionReplyMagic, 8) + big(option, 4) + big(kind, 4) + big(UInt64(data.count), 4) + data)
  }

  private func transmit(structured: Bool) {
    while let head = read(28), number(head[0..<4]) == Self.requestMagic {
      let flags = number(head[4..<6])
      let cookie = Array(head[8..<16])
      let offset = number(head[16..<24])
      let length = number(head[24..<28])
      let fits = offset <= UInt64(server.disk.sizeBytes) && length <= UInt64(server.disk.sizeBytes) - offset
      switch number(head[6..<8]) {
      case 0 where fits && length <= 32 << 20:
        guard server.admit(Int(length)) else { return }
        let bytes = server.disk.bytes(at: Int64(offset), count: Int(length))
        send(structured ? chunk(1, cookie, count: 8 + bytes.count) + big(offset, 8) : simple(0, cookie))
        send(bytes)
      case 1:
        guard read(Int(min(length, 64 << 20))) != nil else { return }
        fail(1, cookie, structured)
      case 2:
        return
      case 3:
        structured ? send(chunk(0, cookie, count: 0)) : send(simple(0, cookie))
      case 7 where fits && structured && length > 0:
        send(allocation(offset, length, one: flags & 8 != 0, cookie))
      default:
        fail(22, cookie, structured)
      }
    }
  }

  private func allocation(_ offset: UInt64, _ length: UInt64, one: Bool, _ cookie: [UInt8]) -> [UInt8] {
    var descriptors: [UInt8] = []
    var position = offset
    repeat {
      let extent = server.disk.extent(at: Int64(position))
      let count = min(UInt64(extent.length), offset + length - position)
      descriptors += big(count, 4) + big(extent.isZero ? 3 : 0, 4)
      position += count
    } while !one && position < offset + length
    return chunk(5, cookie, count: 4 + descriptors.count) + big(1, 4) + descriptors
  }

  private func fail(_ error: UInt64, _ cookie: [UInt8], _ structured: Bool) {
    send(structured ? chunk(0x8001, cookie, count: 6) + big(error, 4) + big(0, 2) : simple(error, cookie))
  }

  private func chunk(_ kind: UInt64, _ cookie: [UInt8], count: Int) -> [UInt8] {
    big(0x668e_33ef, 4) + big(1, 2) + big(kind, 2) + cookie + big(UInt64(count), 4)
  }

  private func simple(_ error: UInt64, _ cookie: [UInt8]) -> [UInt8] { big(0x6744_6698, 4) + big(error, 4) + cookie }

  // MARK: Bytes

  private func big(_ value: UInt64, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - $0))) }
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

  private func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var offset = 0
    while offset < count {
      let got = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress.map { $0 + offset }, count - offset, 0) }
      if got > 0 {
        offset += got
      } else if got == 0 || errno != EINTR {
        return nil
      }
    }
    return bytes
  }

  /// A client that is gone is noticed by the next read.
  private func send(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let sent = bytes.withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress.map { $0 + offset }, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      if sent > 0 {
        offset += sent
      } else if errno != EINTR {
        return
      }
    }
  }
}
