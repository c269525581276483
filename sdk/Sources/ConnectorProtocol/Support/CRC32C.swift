/// The checksum of VHDX structures: a CRC of 32 bits with Castagnoli's polynomial.
public enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { index in
    var value = UInt32(index)
    for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    return value
  }

  /// The checksum of `bytes`, those in `zeroed` taken for zeros: a structure's checksum does not count itself.
  public static func checksum(_ bytes: [UInt8], zeroed: Range<Int> = 0..<0) -> UInt32 {
    var value: UInt32 = ~0
    bytes.withUnsafeBufferPointer { bytes in
      table.withUnsafeBufferPointer { table in
        var index = 0
        while index < bytes.count {
          let byte = index >= zeroed.lowerBound && index < zeroed.upperBound ? 0 : bytes[index]
          value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ byte)]
          index += 1
        }
      }
    }
    return ~value
  }
}
