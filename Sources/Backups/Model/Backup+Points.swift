import ConnectorProtocol
public import Disks
public import Support

extension Backup {
  /// Every image file of the backup once, those of all its points included.
  public var images: [ImageLayer] {
    var seen: Set<ImageLayer> = []
    return (disks + points.flatMap(\.disks)).flatMap(\.chain.layers).filter { seen.insert($0).inserted }
  }

  /// The backup as it stood at one of its points; the points themselves stay listed.
  ///
  /// - Throws: `backup.pointUnknown`.
  public func at(_ id: String) throws(AscendError) -> Backup {
    guard let point = points.first(where: { $0.id == id }) ?? only(points.filter { $0.name == id }) else {
      throw AscendError(
        "backup.pointUnknown", "The backup has no restore point \"\(id.prefix(200))\"", object: name,
        cause: points.isEmpty
          ? "it has only one state" : "it has \(points.prefix(20).map(\.id).joined(separator: ", "))",
        remedy: points.isEmpty ? "Leave the point out" : "Name one of these; `ascend backups show` tells them apart")
    }
    var backup = self
    backup.disks = point.disks
    backup.takenAt = point.takenAt.flatMap(Timestamp.date) ?? takenAt
    if let machine = point.machine {
      backup.machine = machine
    } else {
      // One description for all points: of the disks it knows, those that were there then.
      backup.machine.disks = machine.disks.compactMap { disk in
        guard let held = point.disks.first(where: { $0.index == disk.index }) else { return nil }
        var disk = disk
        disk.sizeBytes = held.chain.virtualSizeBytes
        return disk
      }
    }
    return backup
  }

  private func only(_ points: [RestorePoint]) -> RestorePoint? { points.count == 1 ? points[0] : nil }
}
