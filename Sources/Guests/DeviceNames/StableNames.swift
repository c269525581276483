import Support

/// Finds the name by which a device of the guest is known wherever it is attached.
///
/// The guest's `/dev/sdb` is taken for the second disk of the machine; where the configuration names a filesystem type,
/// it must be the one found there, else nothing is changed. A name that does not tell the disk is resolved where only
/// one disk can be meant.
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
    let facts: [String: String]
    if let disk = name.disk {
      guard disks.indices.contains(disk) else { return .keep("the backup has no disk \(disk + 1)") }
      facts = try self.facts(DeviceName(disk: disk, partition: name.partition))
    } else {
      let candidates = try candidates(name, type: type)
      guard candidates.count < 2 else { return .keep("more than one disk of the backup has such a partition") }
      facts = candidates.first ?? [:]
    }
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

  /// What is on the partition of that number of each disk, as far as it can be meant.
  private func candidates(_ name: DeviceName, type: String?) throws(AscendError) -> [[String: String]] {
    var found: [[String: String]] = []
    for disk in disks.indices {
      let facts = try facts(DeviceName(disk: disk, partition: name.partition))
      guard let held = facts["TYPE"], facts["UUID"] != nil else { continue }
      if type.map({ Self.agrees($0, held) }) ?? true { found.append(facts) }
    }
    return found
  }

  private func facts(_ name: DeviceName) throws(AscendError) -> [String: String] {
    if let facts = known[name] { return facts }
    guard let disk = name.disk else { return [:] }
    let device = disks[disk] + (name.partition.map(String.init) ?? "")
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
