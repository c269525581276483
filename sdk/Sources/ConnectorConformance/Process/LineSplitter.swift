/// Cuts a stream of bytes at 0x0A.
struct LineSplitter {
  private var pending: [UInt8] = []

  /// The lines that `bytes` complete, without their newline.
  mutating func feed(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var rest = bytes[...]
    while let newline = rest.firstIndex(of: 0x0A) {
      lines.append(pending + rest[..<newline])
      pending.removeAll(keepingCapacity: true)
      rest = rest[rest.index(after: newline)...]
    }
    pending.append(contentsOf: rest)
    return lines
  }

  /// What came after the last newline.
  var remainder: [UInt8] { pending }
}
