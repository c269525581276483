import CGuestfs
import ConnectorProtocol
import Support

/// The examination of a machine in a running appliance. It leaves nothing mounted.
struct GuestExamination {
  let guest: GuestfsHandle
  let drivers: [String]
  var keys: [DiskKey] = []
  let recordedFirmware: FirmwareType?

  func examine() throws(AscendError) -> GuestInspection {
    let layouts = try BootLayoutReader(guest: guest).read()
    let keyNotes = try EncryptedVolumes(guest: guest, keys: keys).open()
    var found = try findSystems()
    var roots = try SystemRoots(guest: guest).choose(found)
    if try VolumeNames(guest: guest).adopt(roots) {
      found = try findSystems()
      roots = try SystemRoots(guest: guest).choose(found)
    }
    let storage = try StorageSurvey(guest: guest, layouts: layouts)
    guard let root = roots.first, roots.count == 1 else {
      let systems = try names(of: roots)
      let unreadable = try storage.unreadable(except: Set(roots))
      let reason = roots.isEmpty ? reasonForNone(storage, unreadable) : Self.reasonForSeveral(roots, systems)
      var inspection = notUnderstood(reason, layouts)
      inspection.facts.systemCount = roots.count
      inspection.facts.systems = roots.isEmpty ? nil : systems
      complete(&inspection, storage, unreadable)
      inspection.notes = keyNotes
      inspection.facts.notes = keyNotes.isEmpty ? nil : keyNotes
      return inspection
    }
    let mounts = try mountPoints(root)
    let layout = BootLayout(layouts, system: try systemDisks(mounts, root), recorded: recordedFirmware)
    var inspection = GuestInspection(
      facts: try facts(root, layout), possibleFirmware: layout.possible, root: root, mounts: mounts,
      packageFormat: try property(root, guestfs_inspect_get_package_format), kernels: [], notes: keyNotes)
    inspection.facts.systemCount = 1
    if found.count > 1 {
      inspection.notes.append(
        "\(found.count - 1) snapshots of the system (btrfs) are left as they are: one that is returned to may lack the "
          + "drivers of the new hardware.")
    }
    inspection.facts.partitionTable = layout.bootDisk.flatMap {
      layouts.indices.contains($0) ? layouts[$0].table.name : nil
    }
    let unreadable = try storage.unreadable(except: Set(mounts.map(\.device) + [root]))
    complete(&inspection, storage, unreadable)
    if inspection.facts.family == "linux" {
      inspection.notes += try LinuxMounts(guest: guest).mount(mounts, readOnly: true)
      try LinuxSurvey(guest: guest, mounts: mounts).complete(&inspection.facts)
      inspection.kernels = try KernelSurvey(guest: guest, drivers: drivers).kernels()
      inspection.facts.preparable = LinuxPreparation.handles(inspection)
      try guest.unmountAll()
      inspection.facts.kernels = inspection.kernels.map { $0.facts(drivers) }
      if inspection.kernels.isEmpty {
        inspection.notes.append("No kernel with modules was found in /boot and /lib/modules.")
      }
    } else if inspection.facts.family == "windows" {
      inspection.notes += try WindowsExamination(guest: guest, root: root, drivers: drivers).complete(&inspection.facts)
    } else {
      inspection.facts.preparable = false
    }
    inspection.facts.notes = inspection.notes.isEmpty ? nil : inspection.notes
    return inspection
  }

  private func findSystems() throws(AscendError) -> [String] {
    try guest.texts("looking for operating systems") { guestfs_inspect_os($0) }
  }

  /// What the disks say whatever is on them.
  private func complete(
    _ inspection: inout GuestInspection, _ storage: StorageSurvey, _ unreadable: [GuestFacts.Unreadable]
  ) {
    inspection.facts.possibleFirmware = inspection.possibleFirmware
    inspection.facts.encryption = storage.encryption
    inspection.facts.lockedVolumes = storage.locked.isEmpty ? nil : storage.locked
    inspection.facts.volumeManagers = storage.volumeManagers
    inspection.facts.unreadable = unreadable.isEmpty ? nil : unreadable
    inspection.facts.hibernated = storage.suspended != nil
  }

  private func notUnderstood(_ reason: String, _ layouts: [DiskLayout]) -> GuestInspection {
    let layout = BootLayout(layouts, recorded: recordedFirmware)
    let facts = GuestFacts(
      understood: false, reason: reason, firmware: layout.firmware, bootDisk: layout.bootDisk)
    return GuestInspection(
      facts: facts, possibleFirmware: layout.possible, root: nil, mounts: [], packageFormat: nil, kernels: [], notes: []
    )
  }

  private func reasonForNone(_ storage: StorageSurvey, _ unreadable: [GuestFacts.Unreadable]) -> String {
    let filesystems = storage.contents
    func devices(_ type: String) -> String? {
      let found = storage.locked.filter { $0.type == type }.map(\.device)
      return found.isEmpty ? nil : found.joined(separator: ", ")
    }
    if let devices = devices("bitlocker") {
      return "The disks are encrypted with BitLocker (\(devices)); there is no key to look inside."
    }
    if let devices = devices("luks") {
      return "The disks are encrypted with LUKS (\(devices)); there is no key to look inside."
    }
    if filesystems.allSatisfy({ $0.value == "unknown" || $0.value == "swap" }) {
      return "The disks hold no filesystem that can be read here."
    }
    if let first = unreadable.first {
      return "The filesystem on \(first.device) (\(first.type)) cannot be read here: \(first.reason)"
    }
    let types = Set(filesystems.map(\.value)).sorted().joined(separator: ", ")
    return "No operating system was found on the disks' filesystems (\(types))."
  }

  private func names(of roots: [String]) throws(AscendError) -> [String] {
    var names: [String] = []
    for root in roots.prefix(8) { names.append(try property(root, guestfs_inspect_get_product_name) ?? "unknown") }
    return names
  }

  private static func reasonForSeveral(_ roots: [String], _ names: [String]) -> String {
    let found = zip(roots, names).map { "\($0): \($1)" }.joined(separator: "; ")
    return "\(roots.count) operating systems were found (\(found)); which one to prepare is not guessed."
  }

  private typealias Getter = (OpaquePointer, UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar>?

  /// One property of the found system; libguestfs says `unknown` where it does not know.
  private func property(_ root: String, _ getter: Getter) throws(AscendError) -> String? {
    let text = try guest.optional { () throws(AscendError) in
      try guest.text("inspecting", root) { getter($0, root) }
    }
    return text == "unknown" || text == "" ? nil : text
  }

  private func facts(_ root: String, _ layout: BootLayout) throws(AscendError) -> GuestFacts {
    let distribution = try property(root) { guestfs_inspect_get_distro($0, $1) }
    return GuestFacts(
      understood: true,
      family: try property(root) { guestfs_inspect_get_type($0, $1) },
      distribution: distribution,
      version: Self.version(
        major: guestfs_inspect_get_major_version(guest.raw, root),
        minor: guestfs_inspect_get_minor_version(guest.raw, root), distribution: distribution),
      productName: try property(root) { guestfs_inspect_get_product_name($0, $1) },
      architecture: try property(root) { guestfs_inspect_get_arch($0, $1) },
      hostname: try property(root) { guestfs_inspect_get_hostname($0, $1) },
      firmware: layout.firmware, bootDisk: layout.bootDisk)
  }

  /// `12.5`, and `22.04` for a distribution that counts its second part in months.
  static func version(major: Int32, minor: Int32, distribution: String?) -> String? {
    guard major > 0 || minor > 0 else { return nil }
    return distribution == "ubuntu" && minor < 10 ? "\(major).0\(max(0, minor))" : "\(major).\(max(0, minor))"
  }

  private func mountPoints(_ root: String) throws(AscendError) -> [GuestInspection.Mount] {
    let all = try guest.pairs("reading mount points", root) { guestfs_inspect_get_mountpoints($0, root) }
      .map { GuestInspection.Mount(path: $0.key, device: $0.value) }
      .sorted { ($0.path.count, $0.path) < ($1.path.count, $1.path) }
    // A name in fstab whose disk is not there may be resolved by libguestfs to one that is: what belongs to the system
    // comes first, and no device is taken twice.
    let system = ["/", "/usr", "/boot", "/boot/efi", "/efi"]
    let ranked = all.filter { system.contains($0.path) } + all.filter { !system.contains($0.path) }
    var devices: Set<String> = []
    let kept = Set(ranked.filter { devices.insert($0.device).inserted })
    return all.filter(kept.contains)
  }

  /// The disks that hold what the boot loader loads: `/boot`, else the root.
  private func systemDisks(_ mounts: [GuestInspection.Mount], _ root: String) throws(AscendError) -> [Int] {
    let device = mounts.first { $0.path == "/boot" }?.device ?? root
    let disks = try guest.disks()
    return try guest.disksHolding(device).compactMap { disks.firstIndex(of: $0) }
  }
}
