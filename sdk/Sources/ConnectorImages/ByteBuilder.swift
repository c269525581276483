/// Puts numbers and text into a structure of a disk format, at their offsets; everything else is zeros.
struct ByteBuilder {
  private(set) var bytes: [UInt8]

  init(count: Int) {
    bytes = [UInt8](repeating: 0, count: count)
  }

  /// Numbers in the byte order of x86.
  mutating func little(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { put($0, at: offset) }
  }

  /// Numbers in the byte order of the network.
  mutating func big(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeBytes(of: value.bigEndian) { put($0, at: offset) }
  }

  mutating func put(_ source: some Collection<UInt8>, at offset: Int) {
    bytes.replaceSubrange(offset..<offset + source.count, with: source)
  }
}
