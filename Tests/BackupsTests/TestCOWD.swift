/// Writes the delta of a snapshot as ESXi does (`COWD`, extents of type VMFSSPARSE): grains of 512 bytes in tables of 4096,
/// after VMware's Virtual Disk Format 1.1. qemu-img reads it and cannot make it.
struct TestCOWD {
  private static let tableEntries = 4096
  private static let directorySector = 4

  var sectors: Int
  /// By sector of the disk.
  var grains: [Int: [UInt8]] = [:]

  var bytes: [UInt8] {
    let tables = (sectors + Self.tableEntries - 1) / Self.tableEntries
    let directorySectors = (tables * 4 + 511) / 512
    var file = [UInt8](repeating: 0, count: (Self.directorySector + directorySectors) * 512)
    func put(_ value: Int, _ place: Int) {
      for index in 0..<4 { file[place + index] = UInt8(value >> (8 * index) & 0xff) }
    }
    file.replaceSubrange(0..<4, with: Array("COWD".utf8))
    for (index, value) in [1, 3, sectors, 1, Self.directorySector, tables, 0].enumerated() { put(value, 4 + 4 * index) }
    for (sector, data) in grains.sorted(by: { $0.key < $1.key }) {
      let entry = Self.directorySector * 512 + sector / Self.tableEntries * 4
      var table = Int(file[entry]) | Int(file[entry + 1]) << 8 | Int(file[entry + 2]) << 16
      if table == 0 {
        table = file.count / 512
        file += [UInt8](repeating: 0, count: Self.tableEntries * 4)
        put(table, entry)
      }
      put(file.count / 512, table * 512 + sector % Self.tableEntries * 4)
      file += data
    }
    put(file.count / 512, 28)
    return file
  }
}
