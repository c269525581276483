import ConnectorProtocol

/// The planned machine as the server is told to make it (`VirtualMachineConfigSpec`).
struct ConfigSpec: Sendable {
  var plan: MachinePlan

  /// How a disk gets into the machine.
  enum Source: Sendable {
    /// A new, empty one that an import fills.
    case new
    /// One that lies there already.
    case existing(DatastorePath)
  }

  /// The machine with some of its disks.
  ///
  /// - Parameter keepsMACs: False leaves all MAC addresses to the server.
  func machine(disks: [(disk: MachinePlan.Disk, source: Source)], keepsMACs: Bool = true) -> VimObject {
    var changes: [VimValue] = []
    var controllers: [ControllerSlot] = []
    for disk in plan.disks where !controllers.contains(ControllerSlot(disk)) {
      controllers.append(ControllerSlot(disk))
    }
    changes += controllers.enumerated().map { Devices.add(Devices.controller($1, key: Self.controllerKey($0))) }
    for (disk, source) in disks {
      let place = controllers.firstIndex(of: ControllerSlot(disk)) ?? 0
      changes.append(addition(disk, source, controllerKey: Self.controllerKey(place)))
    }
    changes += plan.nics.enumerated().map { index, nic in
      Devices.add(Devices.nic(nic, key: -2000 - Int64(index), keepsMAC: keepsMACs))
    }
    if plan.tpm { changes.append(Devices.add(VimObject("VirtualTPM", ["key": -3000]))) }
    var spec = base(name: plan.name, role: .machine, datastore: plan.datastore)
    spec["version"] = plan.hardwareVersion.map { .text($0) }
    spec["uuid"] = plan.uuid.map { .text($0) }
    spec["annotation"] = .text(annotation)
    spec["numCPUs"] = .int(Int64(plan.cpuCount))
    spec["numCoresPerSocket"] = .int(Int64(plan.coresPerSocket))
    spec["memoryMB"] = .int(plan.memoryBytes >> 20)
    spec["deviceChange"] = .list(changes)
    spec["firmware"] = .text(plan.firmware == .uefi ? "efi" : "bios")
    if plan.firmware == .uefi {
      spec["bootOptions"] = .object(
        VimObject("VirtualMachineBootOptions", ["efiSecureBootEnabled": .bool(plan.secureBoot)]))
    }
    var extra = Mark.entries(plan.job, .machine)
    if plan.isWindows { extra.append(Mark.entry("disk.EnableUUID", "TRUE")) }
    spec["extraConfig"] = .list(extra)
    spec["vmProfile"] = profile
    return spec
  }

  /// A machine of nothing but one disk: it carries that onto the server and is then thrown away.
  func carrier(_ disk: MachinePlan.Disk) -> VimObject {
    let slot = ControllerSlot(controller: disk.controller == .ide ? .sata : disk.controller, bus: 0)
    var alone = disk
    alone.unit = 0
    var spec = base(
      name: NameRule.carrier(plan.name, job: plan.job, disk: disk.index), role: .carrier(disk.index),
      datastore: disk.datastore)
    spec["version"] = plan.hardwareVersion.map { .text($0) }
    spec["annotation"] = .text("Carries disk \(disk.index) of '\(plan.name)' until its restore by Ascend is finished.")
    spec["numCPUs"] = 1
    spec["memoryMB"] = 128
    spec["deviceChange"] = .list([
      Devices.add(Devices.controller(slot, key: Self.controllerKey(0))),
      addition(alone, .new, controllerKey: Self.controllerKey(0)),
    ])
    return spec
  }

  /// The import of one configuration (`ImportVApp`), without an OVF descriptor.
  static func importSpec(_ config: VimObject) -> VimObject {
    VimObject("VirtualMachineImportSpec", ["configSpec": .object(config)])
  }

  func addition(_ disk: MachinePlan.Disk, _ source: Source, controllerKey: Int64) -> VimValue {
    let device = Devices.disk(disk, source, controllerKey: controllerKey)
    var change = VimObject("VirtualDeviceConfigSpec", ["operation": "add", "device": .object(device)])
    if case .new = source { change["fileOperation"] = "create" }
    change["profile"] = profile
    return .object(change)
  }

  private func base(name: String, role: Mark.Role, datastore: String?) -> VimObject {
    VimObject(
      "VirtualMachineConfigSpec",
      [
        "name": .text(name), "guestId": .text(plan.guestID),
        "files": .object(
          VimObject("VirtualMachineFileInfo", ["vmPathName": .text("[\(datastore ?? "")]")])),
        "extraConfig": .list(Mark.entries(plan.job, role)),
      ])
  }

  private var profile: VimValue? {
    guard let policy = plan.storagePolicy, !policy.isEmpty else { return nil }
    return .list([.object(VimObject("VirtualMachineDefinedProfileSpec", ["profileId": .text(policy)]))])
  }

  private var annotation: String {
    ["Restored by Ascend, job \(plan.job.rawValue).", plan.notes ?? ""].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  static func controllerKey(_ place: Int) -> Int64 { -100 - Int64(place) }
}

/// A controller of a machine: its kind and bus.
struct ControllerSlot: Hashable, Sendable {
  var controller: DiskController
  var bus: Int

  init(controller: DiskController, bus: Int) {
    self.controller = controller
    self.bus = bus
  }

  init(_ disk: MachinePlan.Disk) {
    self.init(controller: disk.controller, bus: disk.bus)
  }
}
