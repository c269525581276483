/// Writes Hyper-V's binary configurations, sound ones and others.
struct TestVMCX {
  indirect enum Value {
    case text(String)
    case integer(Int64)
    case unsigned(UInt64)
    case flag(Bool)
    case bytes([UInt8])
    case double(Double)
    case node([(String, Value)])
  }

  var root: [(String, Value)]
  var sequences: [UInt16] = [1, 2]
  var version: UInt32 = 0x400
  var logEntries: UInt32 = 0
  /// Texts of this many bytes or more lie in objects of their own.
  var longText = 0x800
  /// Changes the table of keys before it is placed.
  var change: (inout [UInt8]) -> Void = { _ in }

  private final class Builder {
    var table: [UInt8] = []
    var files: [[UInt8]] = []
    let longText: Int
    init(_ longText: Int) { self.longText = longText }
  }

  static let tableOffset = 0x4000
  static let fileOffset = 0x20000
  static let fileBytes = 0x10000

  var bytes: [UInt8] {
    let builder = Builder(longText)
    put(UInt16(2), &builder.table)
    put(UInt16(1), &builder.table)
    put(UInt16(7), &builder.table)
    put(UInt32(0), &builder.table)
    for (key, value) in root { add(key, value, 0, builder) }
    change(&builder.table)
    var bytes = [UInt8](repeating: 0, count: Self.fileOffset + builder.files.count * Self.fileBytes)
    for (place, sequence) in zip([0, 0x1000], sequences) { put(header(sequence), at: place, &bytes) }
    var log: [UInt8] = []
    put(UInt32(0x0111_0003), &log)
    put(UInt32(0), &log)
    put(logEntries, &log)
    put(log, at: 0x3000, &bytes)
    var objects: [UInt8] = []
    put(UInt32(0x0111_0001), &objects)
    put(UInt32(2 + builder.files.count), &objects)
    objects += object(2, Self.tableOffset, builder.table.count) + object(4, 0, 0, allocated: 0)
    for index in builder.files.indices {
      objects += object(3, Self.fileOffset + index * Self.fileBytes, Self.fileBytes)
      put(builder.files[index], at: Self.fileOffset + index * Self.fileBytes, &bytes)
    }
    put(objects, at: 0x2000, &bytes)
    put(builder.table, at: Self.tableOffset, &bytes)
    return bytes
  }

  private func header(_ sequence: UInt16) -> [UInt8] {
    var bytes: [UInt8] = []
    put(UInt32(0x0128_2014), &bytes)
    put(UInt32(0), &bytes)
    put(sequence, &bytes)
    put(version, &bytes)
    put(UInt64(0), &bytes)
    put(UInt32(0x1000), &bytes)
    put(UInt64(0x3000), &bytes)
    put(UInt64(0x1000), &bytes)
    put(UInt32(46), &bytes)
    return bytes
  }

  private func object(_ type: UInt8, _ offset: Int, _ size: Int, allocated: UInt8 = 1) -> [UInt8] {
    var bytes = [type]
    put(UInt32(0), &bytes)
    put(UInt64(offset), &bytes)
    put(UInt32(size), &bytes)
    return bytes + [allocated]
  }

  private func add(_ key: String, _ value: Value, _ parent: UInt32, _ builder: Builder) {
    var data: [UInt8] = []
    var type: UInt16
    switch value {
    case .integer(let number):
      type = 3
      put(number, &data)
    case .unsigned(let number):
      type = 4
      put(number, &data)
    case .double(let number):
      type = 5
      put(number.bitPattern, &data)
    case .text(let text):
      type = 6
      let units = text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
      put(UInt32(units.count), &data)
      if units.count >= builder.longText {
        type |= 0x100
        put(UInt64(Self.fileOffset + builder.files.count * Self.fileBytes), &data)
        builder.files.append(units)
      } else {
        data += units
      }
    case .bytes(let bytes):
      type = 7
      put(UInt32(bytes.count), &data)
      data += bytes
    case .flag(let flag):
      type = 8
      put(UInt32(flag ? 1 : 0), &data)
    case .node:
      type = 9
      data = [UInt8](repeating: 0, count: 12)
    }
    let offset = UInt32(builder.table.count)
    let name = Array(key.utf8) + [0]
    put(type, &builder.table)
    put(UInt32(21 + name.count + data.count), &builder.table)
    put(UInt16(parent == 0 ? 0 : 1), &builder.table)
    put(parent, &builder.table)
    put(UInt32(0), &builder.table)
    put(UInt32(0), &builder.table)
    builder.table += [UInt8(name.count)] + name + data
    if case .node(let children) = value {
      for (key, child) in children { add(key, child, offset, builder) }
    }
  }

  private func put(_ value: some FixedWidthInteger, _ bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private func put(_ part: [UInt8], at offset: Int, _ bytes: inout [UInt8]) {
    let end = offset + part.count
    if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
    bytes.replaceSubrange(offset..<end, with: part)
  }
}

extension TestVMCX {
  static let scsi = "b0b0b0b0-0000-4000-8000-000000000001"
  static let ide = "b0b0b0b0-0000-4000-8000-000000000002"
  static let adapter = "b0b0b0b0-0000-4000-8000-000000000003"

  /// A machine with the disks at these Windows paths.
  static func machine(
    _ paths: [String], name: String = "web-01", generation: Int64 = 2, notes: String = "the web server",
    created: UInt64 = 133_770_240_000_000_000
  ) -> [(String, Value)] {
    let drives = paths.enumerated().map { index, path -> (String, Value) in
      ("drive\(index)", .node([("type", .text("VHD")), ("pathname", .text(path))]))
    }
    let device = generation == 2 ? "d422512d-2bf2-4752-809d-7b82b5fcb1b4" : "83f8638b-8dca-4152-9eda-2ca8b33039b4"
    let storage = generation == 2 ? scsi : ide
    return [
      (
        "configuration",
        .node([
          (
            "properties",
            .node([
              ("name", .text(name)), ("notes", .text(notes)), ("subtype", .integer(generation - 1)),
              ("version", .integer(2304)), ("global_id", .text("4D7A1C1E-0000-4000-8000-00000000000A")),
              ("creation_time", .bytes((0..<8).map { UInt8(truncatingIfNeeded: created >> UInt64(8 * $0)) })),
            ])
          ),
          (
            "settings",
            .node([
              ("processors", .node([("count", .integer(4)), ("limit", .integer(100_000))])),
              (
                "memory",
                .node([("bank", .node([("size", .integer(2048)), ("dynamic_memory_enabled", .flag(true))]))])
              ),
            ])
          ),
          (
            "manifest",
            .node([
              ("vdev001", .node([("device", .text(device)), ("instance", .text(storage)), ("name", .text("Disks"))])),
              (
                "vdev002",
                .node([
                  ("device", .text("2FC216B0-D2E2-4967-9B6D-B8A5C9CA2778")), ("instance", .text(adapter.uppercased())),
                ])
              ),
              (
                "vdev003", .node([("device", .text("736e6aa9-0000-0000-0000-000000000000")), ("instance", .text("x"))])
              ),
            ])
          ),
          (
            "_\(storage.uppercased())_",
            .node([
              (
                "controller0",
                .node(drives + [("drive9", .node([("type", .text("ISO")), ("pathname", .text("D:\\iso\\a.iso"))]))])
              )
            ])
          ),
          (
            "_\(adapter)_",
            .node([
              ("MacAddress", .text("00-15-5D-0A-0B-0C")), ("IsConnected", .flag(true)),
              ("FriendlyName", .text("Network Adapter")), ("weight", .double(0.5)), ("id", .bytes([1, 2, 3])),
              ("Connection", .node([("AltSwitchName", .text("External")), ("ports", .unsigned(.max))])),
            ])
          ),
          ("_ac6b8dc1-3257-4a70-b1b2-a9c9215659ad_", .node([("secure_boot_enabled", .flag(true))])),
        ])
      )
    ]
  }
}
