import CGuestfs
import Support

/// Tells the system that starts from its own snapshots on the same btrfs: snapper (SUSE) and Timeshift keep whole
/// systems there, each of which looks like another one. Nothing may be mounted.
struct SystemRoots {
  /// Subvolumes that are mounted to look into them; each takes a moment.
  private static let mostTries = 16

  let guest: GuestfsHandle

  /// One subvolume that a system was found on.
  struct Candidate: Sendable, Hashable {
    /// As libguestfs names it: the filesystem's device for its default subvolume, `btrfsvol:/dev/sda1/@` for another.
    var root: String
    var device: String
    /// Its path from the filesystem's top, without a slash before it; empty for the top itself.
    var subvolume: String
    var isDefault: Bool
    /// Of what has to be looked into for it.
    var isReadOnly = false
    /// The subvolume that its own fstab has at `/`; nil where it says nothing, which means the default one.
    var named: String?

    /// Where snapper and Timeshift keep them.
    var isSnapshot: Bool {
      subvolume.split(separator: "/").contains { $0 == ".snapshots" || $0 == "timeshift-btrfs" }
    }

    /// What a clone of the system has in its fstab is the name of the original.
    var isWhatItNames: Bool { named.map { $0 == subvolume } ?? isDefault }
  }

  /// - Returns: `roots` without the snapshots of those that stay; several where each may be a system of its own.
  func choose(_ roots: [String]) throws(AscendError) -> [String] {
    guard roots.contains(where: { $0.hasPrefix("btrfsvol:") }), roots.count > 1 else { return roots }
    var groups: [String: [Candidate]] = [:]
    for root in roots {
      let candidate = try candidate(root)
      groups[candidate.device, default: []].append(candidate)
    }
    var kept: Set<String> = []
    for (device, group) in groups {
      guard group.count > 1 else {
        kept.formUnion(group.map(\.root))
        continue
      }
      var group = try named(group, on: device)
      if Self.choose(group).count > 1 {
        var looked: [Candidate] = []
        for candidate in Self.plain(group).prefix(Self.mostTries) { looked.append(try lookedInto(candidate)) }
        group = looked
      }
      kept.formUnion(Self.choose(group).map(\.root))
    }
    return roots.filter(kept.contains)
  }

  /// - Parameter candidates: All of one filesystem.
  static func choose(_ candidates: [Candidate]) -> [Candidate] {
    let plain = plain(candidates)
    guard plain.count > 1 else { return plain }
    let sure = plain.filter(\.isWhatItNames)
    return sure.count == 1 ? sure : plain
  }

  /// Those that are no snapshots: what starts by default is none, wherever it is, as after a return to one.
  private static func plain(_ candidates: [Candidate]) -> [Candidate] {
    let plain = candidates.filter { $0.isDefault || !$0.isSnapshot && !$0.isReadOnly }
    return plain.isEmpty ? candidates : plain
  }

  private func candidate(_ root: String) throws(AscendError) -> Candidate {
    guard root.hasPrefix("btrfsvol:") else {
      return Candidate(root: root, device: root, subvolume: "", isDefault: true)
    }
    return Candidate(
      root: root, device: try guest.text("resolving", root) { guestfs_mountable_device($0, root) },
      subvolume: try guest.text("resolving", root) { guestfs_mountable_subvolume($0, root) }, isDefault: false)
  }

  /// Gives the default subvolume its path, by which an fstab may name it too.
  private func named(_ group: [Candidate], on device: String) throws(AscendError) -> [Candidate] {
    guard let place = group.firstIndex(where: \.isDefault) else { return group }
    try guest.checkpoint()
    let id = guestfs_btrfs_subvolume_get_default(guest.raw, device)
    guard id >= 0, let list = guestfs_btrfs_subvolume_list(guest.raw, device) else {
      throw guest.failure("listing the subvolumes of", device)
    }
    defer { guestfs_free_btrfssubvolume_list(list) }
    var group = group
    for index in 0..<Int(list.pointee.len) where list.pointee.val[index].btrfssubvolume_id == UInt64(id) {
      if let path = list.pointee.val[index].btrfssubvolume_path {
        group[place].subvolume = String(cString: path)
      }
    }
    return group
  }

  private func lookedInto(_ candidate: Candidate) throws(AscendError) -> Candidate {
    var candidate = candidate
    let table = try guest.optional { () throws(AscendError) -> String? in
      try guest.mount(candidate.root, at: "/", readOnly: true)
      let about = try guest.pairs("looking at", candidate.root) { guestfs_btrfs_subvolume_show($0, "/") }
      candidate.isReadOnly = about.contains { $0.key.hasPrefix("Flags") && $0.value.contains("readonly") }
      return try guest.readText("/etc/fstab", limit: 1 << 20)
    }
    try guest.unmountAll()
    candidate.named = Self.rootSubvolume((table ?? nil) ?? "")
    return candidate
  }

  /// The `subvol=` of the line for `/`, without a slash before it.
  static func rootSubvolume(_ table: String) -> String? {
    for line in table.split(whereSeparator: \.isNewline) {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count > 3, !fields[0].hasPrefix("#"), fields[1] == "/" else { continue }
      let option = fields[3].split(separator: ",").first { $0.hasPrefix("subvol=") }
      return option.map { $0.dropFirst("subvol=".count).trimmingPrefix { $0 == "/" } }.map(String.init)
    }
    return nil
  }
}
