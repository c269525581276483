public import Support

/// The snapshots that a qcow2 image keeps within itself: earlier states of the disk, beside the one that is read.
public struct QcowSnapshots: Hashable, Sendable {
  public var count: Int
  /// What the first ones are called, as far as their table can be read.
  public var names: [String]

  private static let mostNames = 16
  private static let longestName = 256
  private static let entryBytes = 40
  /// qemu's own limit.
  private static let mostExtraBytes: UInt32 = 1024

  /// Nil for an image that keeps none, or is no qcow2 that lies as such in a file.
  ///
  /// - Throws: `disk.malformed`, `disk.unreadable`, `disk.truncated`.
  public init?(in layer: ImageLayer) throws(AscendError) {
    guard layer.format == .qcow2, layer.remote == nil, layer.compression == nil else { return nil }
    try self.init(FileWindow(layer))
  }

  init?(_ window: FileWindow) throws(AscendError) {
    let header = try QcowHeader.read(window)
    guard header.snapshotCount > 0 else { return nil }
    count = header.snapshotCount
    names = []
    var offset = header.snapshotsOffset
    while names.count < min(count, Self.mostNames) {
      let entry = try window.read(at: offset, count: Self.entryBytes)
      guard let idBytes = entry.integer(UInt16.self, at: 12, bigEndian: true),
        let nameBytes = entry.integer(UInt16.self, at: 14, bigEndian: true),
        let extraBytes = entry.integer(UInt32.self, at: 36, bigEndian: true), extraBytes <= Self.mostExtraBytes
      else { return }
      let start = offset + Int64(Self.entryBytes) + Int64(extraBytes) + Int64(idBytes)
      let name = try window.read(at: start, count: min(Int(nameBytes), Self.longestName))
      guard name.count == min(Int(nameBytes), Self.longestName) else { return }
      names.append(String(decoding: name, as: UTF8.self))
      // Entries begin at multiples of eight.
      offset = (start + Int64(nameBytes) + 7) / 8 * 8
    }
  }
}
