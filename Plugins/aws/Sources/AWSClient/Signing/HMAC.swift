import ConnectorProtocol
import Foundation

/// HMAC-SHA256 (RFC 2104).
enum HMAC {
  private static let blockBytes = 64

  static func sha256(key: [UInt8], _ message: some Sequence<UInt8>) -> [UInt8] {
    var block = key.count > blockBytes ? SHA256.hash(Data(key)) : key
    block += [UInt8](repeating: 0, count: blockBytes - block.count)
    let inner = SHA256.hash(Data(block.map { $0 ^ 0x36 }) + Data(message))
    return SHA256.hash(Data(block.map { $0 ^ 0x5c }) + Data(inner))
  }
}
