public import ConnectorProtocol

/// One state of the machine that the backup can be restored to, where it holds several.
public struct RestorePoint: Codable, Hashable, Sendable {
  /// Unique within the backup, and usable in `BACKUP@ID`.
  public var id: String
  /// What its maker called it.
  public var name: String?
  /// RFC 3339, where the backup says when it was taken.
  public var takenAt: String?
  /// The point that it was taken on top of.
  public var parent: String?
  /// The machine as it was then; nil where the backup holds one description for all points.
  public var machine: MachineDescription?
  public var disks: [BackupDisk]

  public init(
    id: String, name: String? = nil, takenAt: String? = nil, parent: String? = nil, machine: MachineDescription? = nil,
    disks: [BackupDisk]
  ) {
    self.id = id
    self.name = name
    self.takenAt = takenAt
    self.parent = parent
    self.machine = machine
    self.disks = disks
  }
}
