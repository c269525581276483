import Glibc
import Support

/// Lets qemu read a differencing VHD or VHDX, which it cannot by itself, without a byte of its data being copied.
///
/// A qcow2 image needs its header and tables anywhere before or among its clusters, and nothing says that these were
/// written by the same hand. So the index is a qcow2 whose tables are made here and whose clusters are the blocks of
/// the differencing image where they lie. The file that qcow2 sees is a flat VMDK of several extents: first the tables
/// (`NAME.index`), then the image itself (`NAME.data`, a symbolic link), once for every distance by which its blocks
/// miss the clusters' boundaries: once for a VHDX, up to 32 times for a VHD. Clusters have 16 KiB and 32 parts, so that
/// each sector of 512 bytes is either in the image or its parent's.
///
/// An index has 16 bytes for every 16 KiB that the image holds: a thousandth.
enum DeltaIndex {
  static let clusterBytes: Int64 = 16 << 10
  /// How much of the disk one table of clusters stands for.
  static let tableBytes: Int64 = 16 << 20
  static let mostTables: Int64 = 1 << 18
  private static let entriesPerTable = 1024

  /// Writes the index of `delta`; `name` is its path, and the files beside it have longer ones.
  ///
  /// - Throws: `disk.indexFailed`, `disk.noSpace`, and what reading the image throws.
  static func write(_ delta: some DeltaBlocks, at name: String) throws(AscendError) {
    let survey = try DeltaSurvey(delta)
    let file = try IndexFile(name + ".index")
    let topEntries = (delta.virtualSize + tableBytes - 1) / tableBytes
    let topBytes = aligned(topEntries * 8)
    let indexBytes = clusterBytes * 2 + topBytes + survey.tables * clusterBytes
    // Each slot is the whole image, from one shift on.
    let shifts = survey.shifts.sorted()
    let slotBytes = aligned(delta.window.length)
    var places: [Int64: Int64] = [:]
    for (index, shift) in shifts.enumerated() { places[shift] = indexBytes + Int64(index) * slotBytes - shift }
    try file.write(header(virtualSize: delta.virtualSize, topEntries: topEntries), at: 0)
    var tables = IndexTables(file: file, topOffset: clusterBytes * 2, tableOffset: clusterBytes * 2 + topBytes)
    let size = delta.virtualSize
    let blockBytes = delta.blockBytes
    try delta.forEach { (block) throws(AscendError) in
      var masks: [UInt32]?
      if case .partly = block.content { masks = try delta.sectors(of: block) }
      let start = block.number * blockBytes
      for index in 0..<min(blockBytes, size - start + clusterBytes - 1) / clusterBytes {
        let guest = start + index * clusterBytes
        guard let offset = block.offset, let base = places[offset % clusterBytes] else {
          try tables.set(guest, 0, 0xffff_ffff << 32)
          continue
        }
        let mask = masks.map { Int(index) < $0.count ? $0[Int(index)] : 0 } ?? .max
        if mask != 0 { try tables.set(guest, UInt64(base + offset + index * clusterBytes) | 1 << 63, UInt64(mask)) }
      }
    }
    try tables.finish()
    try file.extend(to: indexBytes)
    try describe(name, image: delta.window, indexBytes: indexBytes, shifts: shifts, slotBytes: slotBytes)
  }

  private static func aligned(_ bytes: Int64) -> Int64 { (bytes + clusterBytes - 1) / clusterBytes * clusterBytes }

  /// A qcow2 header, version 3, with 32 parts to a cluster. Its count of references is empty: only writers need it.
  private static func header(virtualSize: Int64, topEntries: Int64) -> [UInt8] {
    var bytes = QcowHeader.magic
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
    append(UInt32(3))
    append(UInt64(0))  // no backing file: whoever opens it says what is below
    append(UInt32(0))
    append(UInt32(14))  // clusters of 2^14 bytes
    append(UInt64(virtualSize))
    append(UInt32(0))
    append(UInt32(topEntries))
    append(UInt64(clusterBytes * 2))
    append(UInt64(clusterBytes))
    append(UInt32(1))
    append(UInt32(0))
    append(UInt64(0))
    append(UInt64(1 << 4))  // incompatible feature: parts of clusters
    append(UInt64(0))
    append(UInt64(0))
    append(UInt32(4))
    append(UInt32(104))
    append(UInt64(0))  // no further header
    return bytes
  }

  private static func describe(
    _ name: String, image: FileWindow, indexBytes: Int64, shifts: [Int64], slotBytes: Int64
  ) throws(AscendError) {
    let plain = String(name[(name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex)...])
    guard Confinement.isPlainName(plain), symlink(image.path, name + ".data") == 0 else {
      throw AscendError(
        "disk.indexFailed", "The index of a differencing image cannot be made", object: name,
        remedy: "Put the state into another folder with --state")
    }
    // No empty line: qemu would read the extent behind one twice.
    var lines = [
      VMDKDescriptor.firstLine, "version=1", "CID=fffffffe", "parentCID=ffffffff", "createType=\"twoGbMaxExtentFlat\"",
      "RW \(indexBytes / 512) FLAT \"\(plain).index\" 0",
    ]
    for shift in shifts {
      // What lies behind the image's end is never looked for; it makes the next one start on a boundary.
      lines.append("RW \(slotBytes / 512) FLAT \"\(plain).data\" \(shift / 512)")
    }
    try IndexFile(name).write(Array((lines.joined(separator: "\n") + "\n").utf8), at: 0)
  }
}
