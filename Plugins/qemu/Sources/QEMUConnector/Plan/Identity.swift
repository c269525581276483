import ConnectorKit
import ConnectorProtocol
import Foundation

/// The machine's UUID and MAC addresses: the source's, or ones that follow from the job, so that planning again gives
/// the same.
struct Identity: Sendable {
  var job: JobID
  /// True where the source's are not to be used.
  var renew: Bool

  func uuid(_ source: String?) -> String {
    if !renew, let source, let uuid = UUID(uuidString: source) { return uuid.uuidString.lowercased() }
    if let uuid = UUID(uuidString: job.rawValue) { return uuid.uuidString.lowercased() }
    var bytes = Array(SHA256.hash(Data(job.rawValue.utf8)).prefix(16))
    // RFC 9562, version 8: made from whatever its maker likes.
    bytes[6] = 0x80 | (bytes[6] & 0x0f)
    bytes[8] = 0x80 | (bytes[8] & 0x3f)
    let hex = SHA256.hex(bytes)
    var parts: [Substring] = []
    var rest = Substring(hex)
    for count in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return parts.joined(separator: "-")
  }

  func mac(_ source: String?, index: Int) -> String {
    if !renew, let source, let mac = MACAddress.unicast(source) { return mac }
    // 52:54:00 is QEMU's own.
    let tail = SHA256.hash(Data("\(job.rawValue)/\(index)".utf8)).prefix(3)
    return (["52", "54", "00"] + tail.map { SHA256.hex([$0]) }).joined(separator: ":")
  }
}
