/// Writes the delta of a snapshot as vSphere does on VMFS 6 (extents of type SESPARSE, version 2.1), after what qemu's
/// reader knows of it: VMware has not published the format. qemu-img reads it and cannot make it.
struct TestSESparse {
  enum Grain {
    /// 4 KiB.
    case data([UInt8])
    case zeros
    /// The guest said that it needs it no more.
    case discarded
  }

  static let directorySector = 8
  static let grainsPerTable = 4096

  var sectors: Int
  /// By their number on the disk.
  var grains: [Int: Grain] = [:]
  /// The place of the first grain in the file, counted in grains: twelve bits of a place are kept apart from the others.
  var firstPlace = 0

  /// The tables that are used, in the order in which they were needed: here from the disk's end on.
  private var used: [Int] { Set(grains.keys.map { $0 / Self.grainsPerTable }).sorted(by: >) }
  /// Entries of the directory.
  var covered: Int { (sectors + 8 * Self.grainsPerTable - 1) / (8 * Self.grainsPerTable) }
  var tablesSector: Int { Self.directorySector + (covered * 8 + 511) / 512 }
  private var grainsSector: Int { tablesSector + used.count * 64 }

  var bytes: [UInt8] {
    var file = [UInt8](repeating: 0, count: (grainsSector + firstPlace * 8) * 512)
    func put(_ value: UInt64, _ place: Int) {
      for index in 0..<8 { file[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
    }
    let directorySectors = tablesSector - Self.directorySector
    let fields: [Int: Int] = [
      0: 0xcafe_babe, 8: 0x2_0000_0001, 16: sectors, 24: 8, 32: 64, 80: 1, 88: 1, 96: 2, 104: 1, 112: 3, 120: 5,
      128: Self.directorySector, 136: directorySectors, 144: tablesSector, 152: grainsSector - tablesSector,
      192: grainsSector, 200: grains.count * 8,
    ]
    for (place, value) in fields { put(UInt64(value), place) }
    put(0xcafe_cafe, 512)
    put(1, 512 + 8)
    put(2, 512 + 16)
    let used = self.used
    for (table, number) in used.enumerated() {
      put(0x1000_0000 << 32 | UInt64(table), Self.directorySector * 512 + number * 8)
    }
    var place = UInt64(firstPlace)
    for (grain, content) in grains.sorted(by: { $0.key < $1.key }) {
      guard let table = used.firstIndex(of: grain / Self.grainsPerTable) else { continue }
      let entry = (tablesSector + table * 64) * 512 + grain % Self.grainsPerTable * 8
      switch content {
      case .zeros: put(2 << 60, entry)
      case .discarded: put(1 << 60, entry)
      case .data(let data):
        put(3 << 60 | (place & 0xfff) << 48 | place >> 12, entry)
        file += data
        place += 1
      }
    }
    return file
  }

  func descriptor(_ name: String, parent: String, parentID: String, identifier: String) -> String {
    """
    # Disk DescriptorFile
    version=1
    encoding="UTF-8"
    CID=\(identifier)
    parentCID=\(parentID)
    isNativeSnapshot="no"
    createType="seSparse"
    parentFileNameHint="\(parent)"
    # Extent description
    RW \(sectors) SESPARSE "\(name)"

    # The Disk Data Base
    #DDB

    ddb.longContentID = "0123456789abcdef01234567\(identifier)"

    """
  }

  /// What a disk that read as `content` reads as with this on top of it.
  func applied(to content: [UInt8]) -> [UInt8] {
    var content = content
    for (grain, new) in grains {
      let start = grain * 4096
      let data = if case .data(let data) = new { data } else { [UInt8](repeating: 0, count: 4096) }
      let end = min(content.count, start + 4096)
      content.replaceSubrange(start..<end, with: data[..<(end - start)])
    }
    return content
  }
}
