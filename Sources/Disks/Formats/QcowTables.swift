import Support

/// How the tables of a qcow2 image are best read by somebody who goes through the whole disk once.
enum QcowTables {
  /// qemu's own limit is the image's cluster; more than this at a time brings nothing.
  private static let largestEntry: Int64 = 64 << 10

  /// The size in which to read the tables that say where clusters are, in bytes: `l2-cache-entry-size` of qemu's driver.
  ///
  /// Its usual 4 KiB suits a guest that jumps about. To map a large disk it takes sixteen reads where one would do, which
  /// is most of what a large and nearly empty disk costs. Nil where the file is no qcow2 image that can be read.
  static func entryBytes(of layer: ImageLayer) -> Int64? {
    guard let window = try? FileWindow.ofImage(layer),
      let header = try? window.read(at: 0, count: 24), header.starts(with: QcowHeader.magic),
      let bits = header.integer(UInt32.self, at: 20, bigEndian: true), (9...21).contains(bits)
    else { return nil }
    return min(1 << Int64(bits), largestEntry)
  }
}
