/// The names that the content of a machine's disks gives them, for the question whether a table names one of them. Pure.
struct VolumeCatalogue: Sendable {
  /// What blkid says, by device.
  private let facts: [[String: String]]
  /// As device mapper names logical volumes: `vg-root`, with hyphens of their own doubled.
  private let volumes: Set<String>
  /// False where something could not be looked into: what is not found may be in there.
  private let isWhole: Bool

  /// - Parameter devices: By device, as libguestfs lists them: `/dev/sda1`, `/dev/vg/root`.
  init(_ devices: [String: [String: String]], isWhole: Bool = true) {
    self.isWhole = isWhole
    facts = Array(devices.values)
    volumes = Set(devices.keys.compactMap(Self.mapped))
  }

  /// Nil where that cannot be told of such a name: it is none of a filesystem's, or names what only the guest makes.
  ///
  /// - Parameter made: Names of what the guest itself puts on its disks, such as the volumes of crypttab.
  func has(_ name: String, made: Set<String> = []) -> Bool? {
    let tags = [
      ("UUID=", "UUID"), ("LABEL=", "LABEL"), ("PARTUUID=", "PART_ENTRY_UUID"), ("PARTLABEL=", "PART_ENTRY_NAME"),
      ("/dev/disk/by-uuid/", "UUID"), ("/dev/disk/by-label/", "LABEL"), ("/dev/disk/by-partuuid/", "PART_ENTRY_UUID"),
      ("/dev/disk/by-partlabel/", "PART_ENTRY_NAME"),
    ]
    if let (prefix, key) = tags.first(where: { name.hasPrefix($0.0) }) {
      let wanted = Self.plain(name.dropFirst(prefix.count))
      return facts.contains { $0[key].map { Self.plain($0[...]) } == wanted } ? true : isWhole ? false : nil
    }
    // Only names of logical volumes: others are of encrypted ones, or of several ways to one disk.
    guard let volume = Self.mapped(name), volume.contains(/[^-]-[^-]/), !volume.hasPrefix("luks-"),
      !made.contains(volume)
    else { return nil }
    return volumes.contains(volume) ? true : isWhole ? false : nil
  }

  /// The UUID of what a name stands for.
  func uuid(of name: String) -> String? {
    for (prefix, key) in [("UUID=", "UUID"), ("LABEL=", "LABEL"), ("PARTUUID=", "PART_ENTRY_UUID")]
    where name.hasPrefix(prefix) {
      let wanted = Self.plain(name.dropFirst(prefix.count))
      return facts.first { $0[key].map { Self.plain($0[...]) } == wanted }?["UUID"]
    }
    return nil
  }

  func count(of uuid: String) -> Int { facts.count { $0["UUID"] == uuid } }

  /// `/dev/vg-a/root` and `/dev/mapper/vg--a-root` → `vg--a-root`
  static func mapped(_ path: String) -> String? {
    let parts = path.split(separator: "/").map(String.init)
    guard path.hasPrefix("/dev/"), parts.count == 3, !["disk", "cciss", "ida", "md", "zvol"].contains(parts[1]) else {
      return nil
    }
    if parts[1] == "mapper" { return parts[2] }
    return "\(parts[1].replacing("-", with: "--"))-\(parts[2].replacing("-", with: "--"))"
  }

  /// Quotes, and the ways in which tables and udev write a space, taken out.
  private static func plain(_ text: Substring) -> String {
    text.replacing("\\040", with: " ").replacing("\\x20", with: " ")
      .filter { $0 != "\"" && $0 != "'" && $0 != "\\" }.lowercased()
  }
}
