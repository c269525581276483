/// The index that kmod's modprobe and udev look modules up in (`modules.dep.bin`): a tree of keys, each with values.
///
/// Format: libkmod/libkmod-index.c and tools/depmod.c of kmod, version 2.1. All numbers are big-endian. After magic,
/// version and the root's place comes one node after the other; four bits of a node's place say what it has: a piece of
/// the key that all below it share, a table of children by the next character, values with a priority each.
enum BinaryIndex {
  struct Entry: Hashable, Sendable {
    var key: String
    var value: String
  }

  private static let magic: UInt32 = 0xb007_f457
  private static let version: UInt32 = 0x0002_0001
  private static let hasPrefix: UInt32 = 0x8000_0000
  private static let hasValues: UInt32 = 0x4000_0000
  private static let hasChildren: UInt32 = 0x2000_0000
  private static let place: UInt32 = 0x0fff_ffff
  /// No file name is longer.
  private static let longestKey = 255

  /// Keys that the format has no place for (not ASCII, or longer than a file's name) are left out.
  static func encode(_ entries: [Entry]) -> [UInt8] {
    let usable = entries.map { (key: Array($0.key.utf8), value: $0.value) }
      .filter { !$0.key.isEmpty && $0.key.count <= longestKey && $0.key.allSatisfy { 1..<128 ~= $0 } }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var bytes: [UInt8] = []
    append(magic, to: &bytes)
    append(version, to: &bytes)
    append(0, to: &bytes)
    let root = write(usable[...], 0, &bytes)
    for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: root >> (24 - 8 * UInt32(index))) }
    return bytes
  }

  /// Writes what is below a node before the node itself, which names their places.
  private static func write(
    _ entries: ArraySlice<(key: [UInt8], value: String)>, _ depth: Int, _ bytes: inout [UInt8]
  ) -> UInt32 {
    guard let first = entries.first, let last = entries.last else { return 0 }
    // In a sorted list all share what the first and the last do.
    var end = depth
    while end < min(first.key.count, last.key.count), first.key[end] == last.key[end] { end += 1 }
    let own = entries.prefix { $0.key.count == end }
    var rest = entries.dropFirst(own.count)
    var children: [UInt8: UInt32] = [:]
    while let character = rest.first?.key[end] {
      let group = rest.prefix { $0.key[end] == character }
      children[character] = write(group, end + 1, &bytes)
      rest = rest.dropFirst(group.count)
    }
    var node = UInt32(truncatingIfNeeded: bytes.count)
    if end > depth {
      node |= hasPrefix
      bytes += first.key[depth..<end] + [0]
    }
    if let low = children.keys.min(), let high = children.keys.max() {
      node |= hasChildren
      bytes += [low, high]
      for character in low...high { append(children[character] ?? 0, to: &bytes) }
    }
    if !own.isEmpty {
      node |= hasValues
      append(UInt32(truncatingIfNeeded: own.count), to: &bytes)
      for (priority, entry) in own.enumerated() {
        append(UInt32(truncatingIfNeeded: priority), to: &bytes)
        bytes += entry.value.utf8.filter { $0 != 0 } + [0]
      }
    }
    return node
  }

  private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
    for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  /// - Returns: Nil for what is no index of a version that is known here, or is damaged.
  static func decode(_ bytes: [UInt8]) -> [Entry]? {
    var reader = Reader(bytes: bytes)
    guard reader.number() == magic, let version = reader.number(), version >> 16 == Self.version >> 16,
      let root = reader.number()
    else { return nil }
    var entries: [Entry] = []
    var pending: [(node: UInt32, key: [UInt8])] = [(root, [])]
    while let (node, start) = pending.popLast() {
      guard node & place != 0 else { continue }
      var key = start
      reader.position = Int(node & place)
      if node & hasPrefix != 0 {
        guard let prefix = reader.text() else { return nil }
        key += prefix
      }
      guard key.count <= longestKey else { return nil }
      if node & hasChildren != 0 {
        guard let low = reader.byte(), let high = reader.byte(), low <= high, high < 128 else { return nil }
        for character in low...high {
          guard let child = reader.number() else { return nil }
          pending.append((child, key + [character]))
        }
      }
      if node & hasValues != 0 {
        guard let count = reader.number() else { return nil }
        for _ in 0..<count {
          guard reader.number() != nil, let value = reader.text() else { return nil }
          entries.append(
            Entry(key: String(decoding: key, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
        }
      }
    }
    return entries
  }

  /// Reads each byte once at most: a node that is named twice, or leads back to itself, is damage.
  private struct Reader {
    let bytes: [UInt8]
    var position = 0
    private var budget: Int

    init(bytes: [UInt8]) {
      self.bytes = bytes
      budget = bytes.count
    }

    mutating func byte() -> UInt8? {
      budget -= 1
      guard budget >= 0, position < bytes.count else { return nil }
      position += 1
      return bytes[position - 1]
    }

    mutating func number() -> UInt32? {
      var number: UInt32 = 0
      for _ in 0..<4 {
        guard let byte = byte() else { return nil }
        number = number << 8 | UInt32(byte)
      }
      return number
    }

    mutating func text() -> [UInt8]? {
      var text: [UInt8] = []
      while let byte = byte() {
        if byte == 0 { return text }
        text.append(byte)
      }
      return nil
    }
  }
}
