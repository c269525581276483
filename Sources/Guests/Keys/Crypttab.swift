import CGuestfs
import Support

/// `/etc/crypttab`: the names under which a Linux guest opens its volumes. Pure text.
enum Crypttab {
  struct Entry: Hashable, Sendable {
    /// `sda2_crypt`
    var name: String
    /// `UUID=…`, a device, or something else.
    var source: String

    func means(_ device: String, uuid: String?) -> Bool {
      if source == device { return true }
      guard let uuid, let stated = source.split(separator: "=").last, !stated.isEmpty else { return false }
      return stated.trimmingQuotes.lowercased() == uuid.lowercased()
        || source.lowercased() == "/dev/disk/by-uuid/\(uuid.lowercased())"
    }
  }

  static func entries(_ text: String) -> [Entry] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard fields.count > 1, !fields[0].hasPrefix("#"), isName(fields[0]) else { return nil }
      return Entry(name: fields[0], source: fields[1])
    }
  }

  /// The name becomes one of a device in the appliance, whose own is `control`.
  static func isName(_ name: String) -> Bool { InstalledKernel.isPlain(name) && name != "control" && name.count < 100 }
}

extension Substring {
  fileprivate var trimmingQuotes: String { filter { $0 != "\"" && $0 != "'" } }
}

/// Opens volumes again under the names that the guest has for them, where its fstab uses such a name: the filesystem
/// would not be found otherwise.
struct VolumeNames {
  let guest: GuestfsHandle

  /// - Parameter roots: The systems that were found. Nothing may be mounted.
  /// - Returns: Whether a name has changed: the systems must then be looked for again.
  func adopt(_ roots: [String]) throws(AscendError) -> Bool {
    guard let root = roots.first, roots.count == 1 else { return false }
    let contents = try guest.contents()
    // Volume groups have names of their own.
    let plain = guest.opened.filter { volume in
      contents.first { $0.key == volume.mapped }?.value.hasSuffix("_member") == false
    }
    guard !plain.isEmpty else { return false }
    let table = try guest.optional { () throws(AscendError) -> String? in
      try guest.mount(root, at: "/", readOnly: true)
      return try guest.readText("/etc/crypttab")
    }
    try guest.unmountAll()
    var changed = false
    for entry in Crypttab.entries((table ?? nil) ?? "") where !guest.opened.contains(where: { $0.name == entry.name }) {
      for volume in plain where entry.means(volume.device, uuid: try guest.blkid(volume.device)["UUID"]) {
        guard try !guest.texts("listing volumes", nil, { guestfs_list_dm_devices($0) }).contains(entry.mapped) else {
          continue
        }
        try guest.close(volume)
        try guest.open(volume.device, volume.type, volume.passphrase, as: entry.name)
        changed = true
      }
    }
    return changed
  }
}

extension Crypttab.Entry {
  fileprivate var mapped: String { "/dev/mapper/\(name)" }
}
