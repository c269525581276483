import ConnectorProtocol
import Foundation

/// A machine as a platform's own description tells of it, before anybody has looked at its disks.
struct MachineDraft {
  var name: String
  var platform: String
  var kind: Backup.Kind
  var product: String?
  var takenAt: Date?
  /// The members that are nil are not said by the description.
  var cpu: MachineDescription.CPU?
  var memoryBytes: Int64?
  var firmware: MachineDescription.Firmware?
  var controllers: [MachineDescription.Controller] = []
  /// In the order in which the machine sees them; nil where the description does not tell of disks at all.
  var disks: [DiskDraft]?
  var nics: [MachineDescription.NIC] = []
  var guest: MachineDescription.GuestSystem?
  var identity = MachineDescription.Identity()
  var tags: [String: String] = [:]
  var notes: String?
  var losses: [Loss] = []
  var findings: [String] = []

  init(name: String, platform: String, kind: Backup.Kind) {
    self.name = name
    self.platform = platform
    self.kind = kind
  }

  /// `name` without what could steer a terminal, and not too long; `fallback` where nothing is left.
  static func clean(_ name: String?, or fallback: String) -> String {
    let kept = (name ?? "").unicodeScalars.filter { $0.properties.generalCategory != .control }
    let text = String(String.UnicodeScalarView(kept))[...].trimmingSpaces()
    return text.isEmpty ? fallback : String(text.prefix(200))
  }

  /// Adds the controller that a disk is on, once.
  mutating func controller(_ id: String, bus: String) -> String {
    if !controllers.contains(where: { $0.id == id }) { controllers.append(.init(id: id, bus: bus)) }
    return id
  }
}

/// A disk as the description tells of it.
struct DiskDraft: Sendable {
  /// What it is called in messages.
  var label: String
  /// What its image may be called after, the surest first: identifiers of the disk, of its snapshots, its name.
  var identifiers: [String]
  /// What the platform knows of copies of it that were taken: by identifier.
  var copies: [String: Copy] = [:]
  var sizeBytes: Int64?
  var boot = false
  var controller: String?
  var unit: Int?
  var sectorBytes: Int?

  struct Copy: Sendable {
    var name: String?
    var takenAt: Date?
  }
}
