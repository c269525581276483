import ConnectorProtocol
import Support

/// What the disks hold beside plain filesystems, and what of it cannot be looked into. Nothing may be mounted.
struct StorageSurvey {
  /// Attempts to mount what no system claims; each takes a moment.
  private static let mostTries = 16

  let guest: GuestfsHandle
  let layouts: [DiskLayout]
  /// Every filesystem and container with its type.
  let contents: [(key: String, value: String)]
  /// Encrypted volumes that are not open.
  let locked: [GuestFacts.LockedVolume]

  init(guest: GuestfsHandle, layouts: [DiskLayout]) throws(AscendError) {
    self.guest = guest
    self.layouts = layouts
    contents = try guest.contents()
    locked = try EncryptedVolumes.locked(guest, contents)
  }

  private var types: Set<String> { Set(contents.map(\.value)) }

  var encryption: [String] {
    var kinds: [String] = []
    if types.contains("crypto_LUKS") { kinds.append("luks") }
    if types.contains("BitLocker") { kinds.append("bitlocker") }
    return kinds
  }

  /// `lvm`, `raid`, `dynamic-disks`, `storage-spaces`, `zfs`, `bcache`.
  var volumeManagers: [String] {
    let known = [
      ("LVM2_member", "lvm"), ("LVM1_member", "lvm"), ("linux_raid_member", "raid"), ("ddf_raid_member", "raid"),
      ("isw_raid_member", "raid"), ("zfs_member", "zfs"), ("bcache", "bcache"),
    ]
    var found = known.filter { types.contains($0.0) }.map(\.1)
    let roles = layouts.flatMap(\.partitions).map(\.role)
    if roles.contains(.dynamicDisk) { found.append("dynamic-disks") }
    if roles.contains(.storageSpace) { found.append("storage-spaces") }
    return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The device of a Linux that was suspended to its swap space, if one was.
  var suspended: String? { contents.first { ["swsuspend", "tuxonice"].contains($0.value) }?.key }

  /// Filesystems that cannot be mounted here, with the reason: not a fault of the guest, only of what can be told of it.
  ///
  /// - Parameter mounted: Devices that are known to be readable.
  func unreadable(except mounted: Set<String>) throws(AscendError) -> [GuestFacts.Unreadable] {
    var found: [GuestFacts.Unreadable] = []
    var tries = 0
    // Subvolumes of a btrfs are as readable as it is itself, and snapshots may make hundreds of them.
    for (device, type) in contents where !mounted.contains(device) && !device.hasPrefix("btrfsvol:") {
      switch Self.kind(of: type) {
      case .container: continue
      case .never:
        found.append(.init(device: device, type: type, reason: "the appliance has no driver for it"))
      case .filesystem:
        tries += 1
        guard tries <= Self.mostTries else { return found }
        do throws(AscendError) {
          try guest.mount(device, at: "/", readOnly: true)
          try guest.unmountAll()
        } catch {
          guard error.code == "guest.callFailed" else { throw error }
          found.append(.init(device: device, type: type, reason: Self.oneLine(error.cause ?? error.message)))
        }
      }
    }
    return found
  }

  enum Kind: Sendable, Hashable {
    /// Nothing to mount: swap space, a part of something else, or nothing known.
    case container
    case filesystem
    /// Of a kind that Linux has no driver for, or whose driver the appliance lacks.
    case never
  }

  static func kind(of type: String) -> Kind {
    switch type {
    case "ReFS", "apfs", "VMFS", "VMFS_volume_member", "ufs", "zfs_member", "jfs", "reiser4", "nilfs2": .never
    case "", "unknown", "swap", "swsuspend", "tuxonice", "crypto_LUKS", "BitLocker", "bcache", "iso9660": .container
    default: type.hasSuffix("_member") ? .container : .filesystem
    }
  }

  /// What mount(8) says goes over several lines.
  static func oneLine(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0.isWhitespace } }
    return String(lines.filter { !$0.isEmpty }.joined(separator: " ").prefix(300))
  }
}
