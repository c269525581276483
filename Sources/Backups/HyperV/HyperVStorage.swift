/// Reads the binary form of Hyper-V's configurations (`.vmcx`): a store of keys and values that form a tree.
///
/// Nothing of the format is published. What is used here was found out by others and agrees with files of Windows
/// Server 2016 and later (version 0x0400). All offsets and counts come from the file and are held against its size;
/// entries name their parents, so that a crafted file can form cycles: the tree is built from its root, and what does
/// not hang on it is refused.
struct HyperVStorage {
  struct Malformed: Error, Equatable {
    var reason: String
  }

  static let longest = 16 << 20
  static let signature: UInt32 = 0x0128_2014
  private static let version: UInt32 = 0x0400
  private static let objectTableOffset = 0x2000
  private static let mostObjects = 4096
  static let mostEntries = 100_000
  private static let deepest = 32

  private struct Place: Hashable {
    var table: UInt16
    var offset: UInt32
  }

  private struct Object {
    var offset: Int
    var size: Int
  }

  private let bytes: [UInt8]
  private var keyTables: [UInt16: (sequence: UInt16, object: Object)] = [:]
  private var files: [Int: Int] = [:]
  private var entries: [Place: HyperVEntry] = [:]
  private var children: [Place?: [Place]] = [:]

  static func isStorage(_ head: [UInt8]) -> Bool { head.number(UInt32.self, at: 0) == signature }

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> HyperVNode {
    guard bytes.count <= longest else { throw Malformed(reason: "it is longer than \(longest) bytes") }
    var storage = HyperVStorage(bytes: bytes)
    try storage.readHeader()
    try storage.readObjects()
    for (index, table) in storage.keyTables.sorted(by: { $0.key < $1.key }) {
      try storage.readKeys(of: table.object, index)
    }
    return try storage.tree()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// There are two headers, of which the one that was written last counts.
  private func readHeader() throws(Malformed) {
    let headers = [0, 0x1000].filter { bytes.number(UInt32.self, at: $0) == Self.signature }
    let newest = headers.max {
      (bytes.number(UInt16.self, at: $0 + 8) ?? 0) < (bytes.number(UInt16.self, at: $1 + 8) ?? 0)
    }
    guard let newest else { throw Malformed(reason: "it has no header") }
    guard let version = bytes.number(UInt32.self, at: newest + 10), version == Self.version else {
      throw Malformed(reason: "its version is not known")
    }
    guard let log = bytes.number(UInt64.self, at: newest + 26).flatMap({ Int(exactly: $0) }) else {
      throw Malformed(reason: "its header is cut short")
    }
    try refuseLog(at: log)
  }

  private func refuseLog(at offset: Int) throws(Malformed) {
    guard bytes.number(UInt32.self, at: offset) == 0x0111_0003, let count = bytes.number(UInt32.self, at: offset + 8)
    else { throw Malformed(reason: "its log is not where its header says") }
    guard count == 0 else {
      throw Malformed(
        reason: "it was not closed properly: \(count) changes stand in its log only. Export the machine while it is off"
      )
    }
  }

  private mutating func readObjects() throws(Malformed) {
    var tables = [Self.objectTableOffset]
    var read = 0
    var seen: Set<Int> = []
    while let table = tables.popLast() {
      guard seen.insert(table).inserted else { throw Malformed(reason: "its table of objects leads to itself") }
      guard bytes.number(UInt32.self, at: table) == 0x0111_0001, let count = bytes.number(UInt32.self, at: table + 4)
      else { throw Malformed(reason: "its table of objects is not one") }
      read += Int(count)
      guard read <= Self.mostObjects else { throw Malformed(reason: "it has too many objects") }
      for index in 0..<Int(count) {
        let entry = table + 8 + index * 18
        guard entry + 18 <= bytes.count, let start = bytes.number(UInt64.self, at: entry + 5),
          let size = bytes.number(UInt32.self, at: entry + 13)
        else { throw Malformed(reason: "its table of objects is cut short") }
        guard bytes[entry + 17] != 0 else { continue }
        guard let offset = Int(exactly: start), offset <= bytes.count, Int(size) <= bytes.count - offset else {
          throw Malformed(reason: "an object lies behind its end")
        }
        switch bytes[entry] {
        case 1: tables.append(offset)
        case 2: try addKeyTable(Object(offset: offset, size: Int(size)))
        case 3: files[offset] = Int(size)
        case 6: try refuseLog(at: offset)
        default: break
        }
      }
    }
    guard !keyTables.isEmpty else { throw Malformed(reason: "it has no keys") }
  }

  /// Of tables with the same number the one that was written last counts.
  private mutating func addKeyTable(_ object: Object) throws(Malformed) {
    guard bytes.number(UInt16.self, at: object.offset) == 2, object.size >= 10,
      let index = bytes.number(UInt16.self, at: object.offset + 2),
      let sequence = bytes.number(UInt16.self, at: object.offset + 4)
    else { throw Malformed(reason: "a table of keys is not one") }
    if let other = keyTables[index], other.sequence >= sequence { return }
    keyTables[index] = (sequence, object)
  }

  private mutating func readKeys(of table: Object, _ index: UInt16) throws(Malformed) {
    var offset = 10
    while offset + HyperVEntry.headerBytes <= table.size {
      guard let entry = try HyperVEntry(bytes, at: table.offset + offset, end: table.offset + table.size) else {
        return
      }
      let place = Place(table: index, offset: UInt32(offset))
      offset += entry.size
      guard entry.type != HyperVEntry.free else { continue }
      guard entries.count < Self.mostEntries else { throw Malformed(reason: "it has too many keys") }
      entries[place] = entry
      children[entry.parent.map { Place(table: $0.table, offset: $0.offset) }, default: []].append(place)
    }
  }

  private func tree() throws(Malformed) -> HyperVNode {
    var reached = 0
    let root = try node(of: nil, depth: 0, &reached)
    guard reached == entries.count else {
      throw Malformed(reason: "\(entries.count - reached) of its keys hang on nothing, or on each other in a circle")
    }
    return root
  }

  private func node(of place: Place?, depth: Int, _ reached: inout Int) throws(Malformed) -> HyperVNode {
    guard depth <= Self.deepest else { throw Malformed(reason: "its keys are nested too deeply") }
    var node = HyperVNode()
    for child in children[place] ?? [] {
      guard let entry = entries[child] else { continue }
      reached += 1
      if entry.type == HyperVEntry.node {
        node.children.append(.init(name: entry.key, node: try self.node(of: child, depth: depth + 1, &reached)))
      } else {
        node.children.append(.init(name: entry.key, node: HyperVNode(value: try entry.value(in: bytes, files: files))))
      }
    }
    return node
  }
}
