import Foundation

/// What a guest sent on a network interface, from a capture in the classic pcap format. Pure; bounded by its input.
struct PacketCapture: Sendable {
  var sent = 0
  /// The source of its first IPv4 packet that has one, or what it asks to be known by (ARP).
  var address: String?

  /// - Parameter mac: The interface's own address; nil takes every packet's sender that is not the network's.
  init(_ data: Data, mac: String?) {
    let bytes = [UInt8](data)
    guard bytes.count > 24 else { return }
    let own = mac.map { $0.split(separator: ":").compactMap { UInt8($0, radix: 16) } }
    var offset = 24
    while offset + 16 <= bytes.count {
      let length = Self.little32(bytes, offset + 8)
      offset += 16
      guard length <= 65536, offset + length <= bytes.count else { return }
      take(bytes[offset..<(offset + length)], own)
      offset += length
    }
  }

  private mutating func take(_ packet: ArraySlice<UInt8>, _ own: [UInt8]?) {
    guard packet.count >= 14 else { return }
    let frame = Array(packet)
    let source = Array(frame[6..<12])
    // QEMU's own side of the cable has addresses that begin with 52:55.
    guard own.map({ $0 == source }) ?? !source.starts(with: [0x52, 0x55]) else { return }
    sent += 1
    guard address == nil else { return }
    let kind = Int(frame[12]) << 8 | Int(frame[13])
    let start: Int? = kind == 0x0800 ? 26 : kind == 0x0806 ? 28 : nil
    guard let start, frame.count >= start + 4 else { return }
    let parts = frame[start..<(start + 4)]
    guard parts.contains(where: { $0 != 0 }) else { return }
    address = parts.map(String.init).joined(separator: ".")
  }

  private static func little32(_ bytes: [UInt8], _ at: Int) -> Int {
    Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16 | Int(bytes[at + 3]) << 24
  }
}
