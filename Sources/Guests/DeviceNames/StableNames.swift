import Support

/// Finds the name by which a device of the guest is known wherever it is attached.
///
/// The guest's `/dev/sdb` is taken for the second disk of the machine; where the configuration names a filesystem type,
/// it must be the one found there, else nothing is changed.
final class StableNames {
  private let guest: GuestfsHandle
  private let disks: [String]
  private var known: [DeviceName: [String: String]] = [:]
  private var uuids: [String: Int]?

  init(guest: GuestfsHandle) throws(AscendError) {
    self.guest = guest
    disks = try guest.disks()
  }

  func answer(_ name: DeviceName, type: String?) throws(AscendError) -> DeviceNameRewrite.Answer {
    guard disks.indices.contains(name.disk) else {
      return .keep("the backup has no disk \(name.disk + 1)")
    }
    let device = disks[name.disk] + (name.partition.map(String.init) ?? "")
    let facts = try facts(name, device)
    guard let found = facts["TYPE"], let uuid = facts["UUID"] else {
      return .keep("no filesystem was found on it")
    }
    if let type, !Self.agrees(type, found) { return .keep("it holds \(found), not \(type)") }
    if try count(of: uuid) == 1 { return .use("UUID=\(uuid)") }
    guard let partition = facts["PART_ENTRY_UUID"] else {
      return .keep("another filesystem has the same UUID")
    }
    return .use("PARTUUID=\(partition)")
  }

  private func facts(_ name: DeviceName, _ device: String) throws(AscendError) -> [String: String] {
    if let facts = known[name] { return facts }
    let facts = try guest.blkid(device)
    known[name] = facts
    return facts
  }

  /// How many filesystems of the machine have this UUID: a disk may be a copy of another.
  private func count(of uuid: String) throws(AscendError) -> Int {
    if let uuids { return uuids[uuid] ?? 0 }
    var counts: [String: Int] = [:]
    for (device, _) in try guest.filesystems() {
      if let uuid = try guest.blkid(device)["UUID"] { counts[uuid, default: 0] += 1 }
    }
    uuids = counts
    return counts[uuid] ?? 0
  }

  static func agrees(_ stated: String, _ found: String) -> Bool {
    // A list may be given, and the ext drivers read each other's filesystems.
    let families = ["ext2": "ext", "ext3": "ext", "ext4": "ext", "msdos": "fat", "vfat": "fat", "fat": "fat"]
    return stated.split(separator: ",").contains { type in
      let type = String(type)
      return type == "auto" || type == found || families[type].map { $0 == families[found] } ?? false
    }
  }
}
